//! Expressions as Caddy 2.11.4 answers to them, asked in the real one.
