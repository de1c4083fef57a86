"""Which surface does a product part get?

Small makers of materials, so that archetypes name what a part is (glazed, brushed steel, kraft board), not numbers.
"""

from __future__ import annotations

from prodimg_lab.studio.identity import Identity, passing
from prodimg_lab.studio.things import RGB, Material, Texture, linear, mixed

BLACK = linear("#1b1b1d")
BRASS = Material(kind="metal", metal="Au", roughness=0.16)
STEEL = Material(kind="metal", metal="Cr", roughness=0.14)
ALUMINIUM = Material(kind="metal", metal="Al", roughness=0.17)
COPPER = Material(kind="metal", metal="Cu", roughness=0.16)
CLEAR = Material(kind="glass")
AIR = Material(kind="air")
WAX = linear("#efe6d2")


def coated(colour: RGB, *, gloss: float = 0.6, texture: Texture | None = None) -> Material:
    """A dielectric coat: `gloss` 1 is polished, 0 satin."""
    return Material(kind="plastic", colour=colour, texture=texture, roughness=0.06 + 0.34 * (1.0 - gloss))


def matte(colour: RGB, *, texture: Texture | None = None) -> Material:
    """No highlight at all: paper, wax, cloth."""
    return Material(kind="matte", colour=colour, texture=texture)


def glaze(identity: Identity, colour: RGB, texture: Texture | None = None) -> Material:
    """A ceramic's surface by its finish."""
    gloss = {"matte": 0.12, "satin": 0.4, "glossy": 0.97, "glazed": 0.95, "polished": 0.97}.get(identity.finish, 0.9)
    return coated(colour, gloss=gloss, texture=texture)


def metal_of(identity: Identity, *, roughness: float = 0.14) -> Material:
    """The metal that the words name, else steel; a colour that no bare metal has makes an anodised one."""
    name = {"brass": "Au", "gold": "Au", "copper": "Cu", "rose gold": "Cu", "aluminium": "Al", "silver": "Ag"}.get(
        identity.material
    )
    rough = {"matte": 0.28, "brushed": 0.15, "polished": 0.06, "glossy": 0.07}.get(identity.finish, roughness)
    if identity.coloured and name is None:
        return Material(kind="metal", colour=mixed(identity.colour, (0.9, 0.9, 0.9), 0.12), roughness=max(rough, 0.16))
    spread = 2.0 if identity.finish == "brushed" else 1.0
    return Material(kind="metal", metal=name or "Cr", roughness=rough, spread=spread)


def trim(identity: Identity) -> Material:
    """A cap, clasp or ring that suits the product: black, brass or steel."""
    return identity.pick("trim", (coated(BLACK, gloss=0.75), BRASS, STEEL, coated(BLACK, gloss=0.4)))


def liquid(colour: RGB, strength: float = 1.0) -> Material:
    """A liquid inside glass."""
    return Material(kind="liquid", tint=passing(colour, strength))


def tinted(colour: RGB, strength: float = 1.0) -> Material:
    """Glass of this colour."""
    return Material(kind="glass", tint=passing(colour, strength))
