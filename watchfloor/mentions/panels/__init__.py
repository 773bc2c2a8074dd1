"""What mentions add to the registry of panels."""

from watchfloor.mentions.panels import lists, over_time, posts, shares, trust, volume

PANELS = (*volume.PANELS, *shares.PANELS, *lists.PANELS, *posts.PANELS, *trust.PANELS, *over_time.PANELS)
