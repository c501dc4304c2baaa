"""Thousands of nights at once: laboratories' lists and long tables in, one folder of tables out.

I read files, cut them into batches, let processes score the batches and put what they wrote
together, so that neither the order of the files nor the number of processes shows. The rules
are those of scoring/, the columns those of `tables.py` (TABLES.md).
"""
