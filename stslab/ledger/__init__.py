"""What runs make in an account that outlives them, written down before it is made: so that it can be taken away."""
