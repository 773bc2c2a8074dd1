"""What mentions add to the registry of panels."""

from watchfloor.mentions.panels import volume

PANELS = (*volume.PANELS,)
