"""Kinds of product in the Chorus catalogue: how their titles show them, and what customers call them."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of product.

    Attributes:
        name: the category's name, in the singular.
        title: matches the lower-case titles of its products. The first kind that matches counts.
        called: other names that customers use; a list of synonyms has them.
        plural: of the name.
        lengths, sizes, inches, wireless: properties that customers ask for.
    """

    name: str
    title: re.Pattern[str]
    called: tuple[str, ...] = ()
    plural: str = ""
    lengths: bool = False
    sizes: bool = False
    inches: bool = False
    wireless: bool = False

    @property
    def many(self) -> str:
        return self.plural or plural_of(self.name)


def plural_of(name: str) -> str:
    """The English plural of a name by its last word."""
    if name.endswith("y") and name[-2] not in "aeiou":
        return name[:-1] + "ies"
    return name + ("es" if name.endswith(("s", "x", "ch", "sh")) else "s")


def _kind(name: str, title: str, called: str = "", **more: bool | str) -> Kind:
    return Kind(name, re.compile(title), tuple(part for part in called.split(",") if part), **more)


# Accessories stand before the things they are for, because their titles name both.
KINDS = (
    _kind("label-making tape", r"label-making tape", "label tape"),
    _kind("notebook case", r"notebook case|(notebook|laptop).*\b(case|sleeve|bag|backpack|briefcase)\b", "laptop bag"),
    _kind("docking station", r"docking station|notebook dock|\bdock\b", "dock"),
    _kind("notebook stand", r"(notebook|laptop).*\b(stand|arm|riser)\b", "laptop stand"),
    _kind("notebook battery", r"rechargeable battery.*|notebook.*battery|battery.*(notebook|laptop)", "laptop battery"),
    _kind("privacy filter", r"privacy (filter|screen)|display privacy", ""),
    _kind("projector lamp", r"projector lamp|projection lamp", "beamer bulb"),
    _kind("projection screen", r"projection screen", ""),
    _kind("mouse pad", r"mouse (pad|mat)", "mousepad,mouse mat"),
    _kind("wall mount", r"wall mount|flat panel.*(arm|mount)|newstar.*(arm|mount|flat screen)", "tv bracket"),
    _kind("power adapter", r"power adapter|adapter/inverter|\bcharger\b", "power brick"),
    _kind("toner cartridge", r"\btoner\b", "printer toner"),
    _kind("printer drum", r"\bdrum\b", "imaging drum"),
    _kind("fuser", r"\bfuser\b|fusing", ""),
    _kind("ink cartridge", r"\bink\b|singlepack|multipack|inkjet cartridge|print cartridge", "printer ink"),
    _kind("print head", r"print ?head", ""),
    _kind("photo paper", r"photo paper|photo quality paper|glossy paper", "picture paper", plural="photo papers"),
    _kind("label", r"\blabels?\b", "sticker"),
    _kind("fibre optic cable", r"fib(re|er) (optic|patch)|\bfiber\b.*cable", "fiber cable,optical cable", lengths=True),
    _kind(
        "network cable", r"networking cable|patch (cable|cord)|\bcat ?[56]", "ethernet cable,lan cable", lengths=True
    ),
    _kind("usb cable", r"usb.*\bcable\b", "usb lead", lengths=True),
    _kind("hdmi cable", r"hdmi.*\bcable\b", "hdmi lead", lengths=True),
    _kind("vga cable", r"(vga|monitor|d-sub).*\bcable\b", "screen cable", lengths=True),
    _kind("audio cable", r"(audio|stereo|rca|coax).*\bcable\b", "speaker lead", lengths=True),
    _kind("power cable", r"power (cable|cord)", "mains lead", lengths=True),
    _kind("serial cable", r"(serial|sata|scsi|parallel|printer|kvm).*\bcable\b", "data lead", lengths=True),
    _kind("kvm switch", r"kvm.*switch", "keyboard switch", plural="kvm switches"),
    _kind("network switch", r"(network|managed|gigabit|ethernet).*\bswitch\b", "ethernet switch"),
    _kind("router", r"\brouter\b", "internet box", wireless=True),
    _kind(
        "network card", r"(network|networking|wlan|ethernet|interface).*\b(card|adapter)s?\b", "lan card", wireless=True
    ),
    _kind("media converter", r"media converter", ""),
    _kind("usb hub", r"\bhub\b", "usb splitter"),
    _kind("video splitter", r"video (splitter|converter|adapter)|splitter", ""),
    _kind(
        "uninterruptible power supply",
        r"uninterruptible|smart-ups|back-ups",
        "ups,backup power",
        plural="uninterruptible power supplies",
    ),
    _kind("power distribution unit", r"power distribution unit|\bpdu\b", "pdu,power bar"),
    _kind("surge protector", r"surge protector", "surge strip"),
    _kind("power supply", r"power supply", "psu", plural="power supplies"),
    _kind("motherboard", r"motherboard", "mainboard"),
    _kind("graphics card", r"graphics card|geforce gt|radeon", "video card,gpu"),
    _kind("memory module", r"memory module", "ram", sizes=True),
    _kind("usb flash drive", r"usb flash drive", "memory stick,thumb drive", sizes=True),
    _kind("memory card", r"memory card|flash memory|microsd|sdhc|sdxc", "sd card", sizes=True),
    _kind("notebook", r"\bnotebook\b.*\b(gb|pixels)\b|chromebook|thinkpad|netbook", "laptop", inches=True),
    _kind("desktop computer", r"\b(pc|workstation|tower)\b.*\bgb\b", "desktop pc"),
    _kind("processor", r"\bprocessor\b", "cpu"),
    _kind("solid state drive", r"solid state drive|\bssd\b", "ssd", sizes=True),
    _kind("hard drive", r"hard (disk )?drive|\bhdd\b", "hard disk", sizes=True),
    _kind("optical disc", r"\b(dvd|cd|blu-ray)[+-]?(r|rw|re)\b|\bdvd\+?r\b", "blank disc"),
    _kind("television", r"\btv\b", "tv,telly", inches=True),
    _kind("projector", r"projector", "beamer"),
    _kind("monitor", r"pixels.*\b(lcd|led)\b|\bmonitor\b", "computer screen,display", inches=True),
    _kind("headset", r"headset", "", wireless=True),
    _kind("headphones", r"headphones?|earphones?|headband", "earbuds,cans", plural="headphones", wireless=True),
    _kind("keyboard", r"\bkeyboard\b", "", wireless=True),
    _kind("mouse", r"\b(mouse|mice)\b", "", plural="mice", wireless=True),
    _kind("scanner", r"\bscanner\b", ""),
    _kind("camera lens", r"camera lens|\blens\b", "objective", plural="camera lenses"),
    _kind("security camera", r"(security|surveillance|ip|cctv).*camera", "cctv"),
    _kind("digital camera", r"digital camera|compact camera|camcorder", "photo camera"),
    _kind("laser printer", r"laser.*\b(printer|dpi|ppm)\b", ""),
    _kind("inkjet printer", r"inkjet.*(printer|dpi)|inkjet", ""),
    _kind("label printer", r"label printer", "label maker"),
    _kind("vacuum cleaner", r"vacuum", "hoover"),
    _kind("shaver", r"\bshaver\b|trimmer", "electric razor"),
    _kind("coffee maker", r"coffee (maker|machine)|espresso", "coffee machine"),
    _kind("jigsaw puzzle", r"\bpuzzle\b|\bpieces\b", "jigsaw"),
    _kind("doll", r"\bdoll\b|baby born", ""),
    _kind("battery", r"\bbatter(y|ies)\b|alkaline", "power cell"),
    _kind("loudspeaker", r"\b(loud)?speakers?\b", "sound box", wireless=True),
    _kind("smartphone", r"smartphone|\bmobile phone\b", "cell phone"),
    _kind("tablet", r"\btablet\b", ""),
    _kind("backpack", r"backpack", "rucksack"),
    _kind("rack accessory", r"\brack\b", "", plural="rack accessories"),
)  # fmt: skip


# Nobody who asks for a projector wants its mount.
_THINGS = {
    "keyboard", "mouse", "projector", "tablet", "monitor", "television", "scanner", "smartphone", "headset",
    "headphones", "notebook", "loudspeaker", "processor", "router", "hard drive", "solid state drive",
    "digital camera", "security camera", "laser printer", "inkjet printer", "label printer", "desktop computer",
    "power supply", "uninterruptible power supply", "power distribution unit", "network switch",
}  # fmt: skip
_GOES_WITH = re.compile(
    r"\b(accessor(y|ies)|mount(s|ing)?|brackets?|enclosure|case|cover|sleeve|protector|adapter|tray|skin|holder|cable"
    r"|kit|spare part|module|component|stand|arm|remote control)\b"
)


def kind_of(title: str) -> Kind | None:
    """The kind of a product by its title; None for what no query asks for, as accessories of many things."""
    lower = title.lower()
    kind = next((kind for kind in KINDS if kind.title.search(lower)), None)
    thing, *_ = lower.partition(" with ")
    return None if kind is not None and kind.name in _THINGS and _GOES_WITH.search(thing) else kind
