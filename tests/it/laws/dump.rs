//! A resolved cluster as text: every thing and every value, by name, without places or numbers.
