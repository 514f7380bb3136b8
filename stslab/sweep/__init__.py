"""Taking away what runs have left: by their ledgers, and by the tags of their things."""
