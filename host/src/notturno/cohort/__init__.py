"""The cohort: nights of many people, from their exports, databases or a laboratory's tables.

people     which people a path holds, and the tables of each
gather     a database, a JSON or CSV export as Parquet, in a folder for this run
queries    the SQL, once: what one share of the people is asked
engines    the same queries by DuckDB here, or by Dask in many processes
cleaning   which nights stay out of the cleaned table, and why
levels     each person's nights as the statistics see them
mixed      how people differ and how nights differ; reliability by number of nights
paired     differences within people: phases, left against right
summary    what is said of a measure, full and cleaned side by side
hidden     what stands in place of names, dates and ids
written    the tables of a run
run        all of it

Figures of a night come ready made from the rows; none is made here. Where one machine ends, and
what then: COHORT.md.
"""
