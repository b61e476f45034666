"""The commands of ``dozvon``, a module each: ``add_parser(subparsers)`` and ``run(args, out)``."""
