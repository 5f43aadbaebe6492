"""falin 法邻: a legal assistant for the residents of a street and its communities."""
