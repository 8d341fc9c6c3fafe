"""Networks that engines share, each with the arithmetic around it; pixels in, pixels out."""
