"""A make-believe Sonos household that answers what SoCo really sends, and its own record of what was listened to."""
