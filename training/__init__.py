"""Making the screen's encoder; see ``README.md`` here. Not needed to run Softspoken."""
