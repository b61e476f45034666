"""FXO lines by voice modems of ITU-T V.253: one dongle, one line."""
