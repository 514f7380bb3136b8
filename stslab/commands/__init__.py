"""The commands of ``stslab``, one module each: ``add(commands)`` adds its parser, which knows what to run."""
