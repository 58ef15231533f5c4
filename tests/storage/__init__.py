"""One question of storage per test, asked of both databases."""
