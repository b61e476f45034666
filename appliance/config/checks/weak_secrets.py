"""Secrets that people and machines try first: a table for checks/secrets.py.

PURE. Lower case; secrets are compared in lower case. Collected from what phone systems, phones and
their owners are commonly left with: keyboard walks, product names and repeated figures.
"""

from __future__ import annotations

COMMON: frozenset[str] = frozenset(
    """
    00000000 000000000000 01234567 0123456789 0987654321 10203040 102030405060 11111111
    111111111111 111222333 111222333444 11223344 1122334455 112233445566 121212 12121212
    12312312 123123123 123123123123 123321123 123321123321 12344321 123454321 1234554321
    123456123456 123456654321 12345678 123456789 1234567890 123456789012 1234567891 12345678910
    1234qwer 123qwe123 123qweasd 12qwaszx 13131313 147258369 147852369 159357456 159753456
    1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2 20002000 20012001 22222222 23456789 234567890 27182818
    31415926 314159265 33333333 44444444 55555555 66666666 69696969 77777777 777777777 87654321
    88888888 987654321 9876543210 99999999 a1234567 a12345678 a1b2c3d4 aa123456 aaaaaaaa
    abc12345 abcabc123 abcd1234 abcdef12 abcdefg1 abcdefgh admin admin123 admin1234 adminadmin
    administrator asdf1234 asdfasdf asdfgh asdfghjk asdfghjkl asterisk asterisk1 asteriskpbx
    autumn avaya baseball basketball batman changeit changeme cisco123 ciscocisco company1
    computer default demo demodemo dozvon dozvon123 dozvonpbx dragon elastix ext12345 extension
    extension1 fanvil flower football freedom freepbx freeswitch fusionpbx gfhjkm gfhjkmgfhjkm
    ghbdtn ghbdtnghbdtn grandstream guest guestguest hello123 hellohello hunter iloveyou
    internet issabel jennifer jordan kamailio killer letmein letmein1 linksys master michael
    mikopbx monkey office office123 opensips p@ssw0rd p@ssword pa$$word pa55word panasonic
    passphrase passtrunk passw0rd passwd password password1 pbx12345 pbxadmin phone123
    phonephone polycom princess q1w2e3r4 q1w2e3r4t5 qazwsx qazwsxedc qwe123 qwe12345 qweasd
    qweasdzxc qwer1234 qwerty qwerty12 qwerty123 qwerty1234 qwertyui qwertyuiop rjycnfynby root
    rootroot secret secretsecret shadow sip12345 sip12345678 siphone sippassword sipphone
    sipsip123 siptrunk snom spring starwars summer sunshine superman superuser supervisor
    telefon telefon1 telephone test test1234 tester testing testtest toor trixbox trunk123
    trustno1 user username useruser vfrcbv voicemail voip1234 voipphone voipvoip welcome
    welcome1 whatever winter yealink yealink1 zaq12wsx zxcvbnm zxcvbnmasd йцукен йцукенг
    йцукенгшщз пароль пароль123 парольпароль привет приветпривет секрет фывапролд ячсмить
    """.split()  # noqa: SIM905
)
