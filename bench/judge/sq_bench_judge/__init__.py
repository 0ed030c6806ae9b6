"""How fast a paid model is asked, beside plain loops and a perfect scheduler."""
