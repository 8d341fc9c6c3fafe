"""Films of moving faces whose truth is known, and how well ids were kept on them."""
