"""What a run has left in its folder, put under a signature: an in-toto statement in a DSSE envelope."""
