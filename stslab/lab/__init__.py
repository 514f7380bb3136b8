"""The lab's own things: each can be made once, and taken away again whatever happened in between."""
