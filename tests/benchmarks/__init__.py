"""`make bench`: what is promised about speed, measured beside what else one could have built."""
