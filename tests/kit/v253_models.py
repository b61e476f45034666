"""Models of voice modems as data: what each answers, and the quirks that each is known for.

PURE. Rows are built from vendors' manuals and field reports, not from recordings of bought units;
docs/hardware.md says which is which.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.kit.v253_audio import ALAW, S8, U8, ULAW, Format

_VLS = (
    '0,"",0000,0000,0000',
    '1,"T",0900,0900,0800',
    '2,"L",0884,0884,0804',
    '4,"S",0000,0004,0000',
    '5,"ST",0800,0804,0800',
    '6,"M",0000,0004,0000',
    '7,"MST",0800,0804,0800',
)


@dataclass(frozen=True)
class Model:
    """One modem. formats: +VSM label -> how it writes samples; refused: commands that say ERROR.

    echo_db: hybrid return loss; echo_ms: from our octet to its echo; needs_tripled_dle: end codes
    count only after a doubled DLE; reports: the DLE codes that its firmware knows at all.
    """

    name: str
    usb_name: str
    identity: dict[str, str]
    classes: str
    vsm_rows: tuple[str, ...]
    formats: dict[int, Format]
    vls_rows: tuple[str, ...] = _VLS
    refused: tuple[str, ...] = ()
    has_duplex: bool = True
    has_voice: bool = True
    off_hook_reply: str = "OK"  # of +VLS, and of the end of +VTX: some say VCON
    has_spaces_in_caller_id: bool = False
    has_complex_caller_id: bool = False
    has_raw_caller_id: bool = False  # +VCID=2: hex of the packet
    tells_false_h: bool = False
    tells_false_d: bool = False
    needs_tripled_dle: bool = False
    reports: str = "Rbdslhpcuo/~"
    reply_ms: tuple[int, int] = (5, 300)
    buffer_octets: int = 1024
    echo_db: float = 12.0
    echo_ms: float = 80.0
    clock_ppm: float = 0.0
    refuses_off_hook: bool = False  # says OK to +VLS=1 and stays on-hook (USR before 1.2.23)
    extra: dict[str, str] = field(default_factory=dict)


CX93010 = Model(
    name="cx93010",
    usb_name="usb-Conexant_USB_Modem_24680246-if00",
    identity={
        "I0": "56000",
        "I3": "CX93001-EIS_V0.2013-V92",
        "+GMI": "CONEXANT",
        "+GMM": "V90",
        "+FMI": "CONEXANT",
    },
    classes="0,1,1.0,2,8",
    vsm_rows=(
        '0,"SIGNED PCM",8,0,8000,0,0',
        '1,"UNSIGNED PCM",8,0,8000,0,0',
        '129,"IMA ADPCM",4,0,8000,0,0',
        '130,"UNSIGNED PCM",8,0,8000,0,0',
        '131,"Mu-Law",8,0,8000,0,0',
        '132,"A-Law",8,0,8000,0,0',
        '133,"14 bit PCM",14,0,8000,0,0',
    ),
    formats={0: S8, 1: U8, 130: U8, 131: ULAW, 132: ALAW},
    refused=("+VTR=?", "+VRX=?", "+VTX=?", "+VDR"),
    has_spaces_in_caller_id=True,
    has_complex_caller_id=True,
    reports="RbdslhpPcuo/~L",
)
CX93010_PCM = Model(  # the list of manual 102752B: no G.711
    name="cx93010_pcm",
    usb_name="usb-Conexant_USB_Modem_11223344-if00",
    identity={"I0": "56000", "I3": "CX93001-EIS_V0.2002-V92", "+GMI": "CONEXANT"},
    classes="0,1,1.0,2,8",
    vsm_rows=(
        '1,"UNSIGNED PCM",8,0,(8000),(0),(0)',
        '129,"IMA ADPCM",4,0,(8000),(0),(0)',
        '130,"UNSIGNED PCM",8,0,(8000),(0),(0)',
        '140,"2 Bit ADPCM",2,0,(8000),(0),(0)',
        '141,"4 Bit ADPCM",4,0,(8000),(0),(0)',
    ),
    formats={1: U8, 130: U8},
    refused=("+VTR=?", "+VRX=?", "+VTX=?", "+VDR", "-STE", "+GCI"),
    has_spaces_in_caller_id=True,
    needs_tripled_dle=True,
    reports="Rbdsuo/~",
    clock_ppm=180.0,
)
USR5637 = Model(
    name="usr5637",
    usb_name="usb-U.S.Robotics_USB_Modem_0001-if00",
    identity={"I0": "5601", "I3": "U.S. Robotics 56K FAX USB V1.2.23", "+GMI": "U.S. Robotics"},
    classes="0,1,2.0,8",
    vsm_rows=(
        '128,"8-BIT LINEAR",(7200,8000,11025)',
        '129,"16-BIT LINEAR",(7200,8000,11025)',
        '130,"8-BIT ALAW",(8000)',
        '131,"8-BIT ULAW",(8000)',
        '132,"IMA ADPCM",(7200,8000,11025)',
    ),
    formats={128: U8, 130: ALAW, 131: ULAW},
    refused=("-SCID", "-STE", "+VTR=?", "+IFC"),
    tells_false_h=True,
    tells_false_d=True,
    off_hook_reply="OK",
    reply_ms=(10, 150),
    reports="RbdshHcuo/~",
    buffer_octets=2048,
    clock_ppm=-120.0,
)
MULTITECH = Model(
    name="multitech",
    usb_name="usb-Multi-Tech_MT9234MU_77777-if00",
    identity={"I0": "9234", "I3": "V1.19a", "+GMI": "Multi-Tech", "I9": "MT9234MU"},
    classes="0,1,1.0,2,2.0,8",
    vsm_rows=(
        '2,"G.729a",2,0,(8000),(0),(0)',
        '128,"8-BIT LINEAR",8,0,(8000),(0),(0)',
        '129,"16-BIT LINEAR",16,0,(8000),(0),(0)',
        '130,"ALAW",8,0,(8000),(0),(0)',
        '131,"ULAW",8,0,(8000),(0),(0)',
    ),
    formats={128: U8, 130: ALAW, 131: ULAW},
    refused=("-SCID", "-STE", "+VTR", "+VTR=?"),
    has_duplex=False,
    off_hook_reply="VCON",
    buffer_octets=2048,
    reports="Rbdsuo/~c",
)
SI2494 = Model(
    name="si2494",
    usb_name="usb-Silicon_Labs_CP2102_0042-if00",
    identity={"I0": "2494", "I3": "C", "+GMI": "Silicon Labs", "I6": "2494"},
    classes="0,1,8,256",
    vsm_rows=(
        '0,"SIGNED PCM",8,0,8000,0,0',
        '1,"UNSIGNED PCM",8,0,8000,0,0',
        '4,"G.711U",8,0,8000,0,0',
        '5,"G.711A",8,0,8000,0,0',
        '129,"ADPCM",2,0,8000,0,0',
        '131,"ADPCM",4,0,8000,0,0',
    ),
    formats={0: S8, 1: U8, 4: ULAW, 5: ALAW},
    refused=("-SCID", "-STE"),
    has_raw_caller_id=True,
    reply_ms=(5, 40),
    reports="RbdslLhHpPcuo/~rJ",
    clock_ppm=60.0,
)
DATA_ONLY = Model(
    name="data_only",
    usb_name="usb-Nobody_Fax_Modem_9-if00",
    identity={"I0": "56000", "I3": "DATA FAX", "+GMI": "NOBODY"},
    classes="0,1,2",
    vsm_rows=(),
    formats={},
    has_voice=False,
    has_duplex=False,
)
MODELS = {
    model.name: model for model in (CX93010, CX93010_PCM, USR5637, MULTITECH, SI2494, DATA_ONLY)
}
