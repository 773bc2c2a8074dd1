"""What mentions add to the registry of panels."""

from watchfloor.mentions.panels import lists, posts, shares, trust, volume

PANELS = (*volume.PANELS, *shares.PANELS, *lists.PANELS, *posts.PANELS, *trust.PANELS)
