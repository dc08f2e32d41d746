"""What the screen of sessions shows, without any widget."""
