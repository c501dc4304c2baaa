"""Raw files of other loggers: read to the counts and the true times that the detector takes.

I read Axivity .cwa, ActiGraph .gt3x, GENEActiv .bin, Matrix .BIN, Movisens folders, CSV and
Parquet, each from its maker's public description, named in its module. What is damaged is left
out and said; what was lost is a gap. I know no rule of medicine: `replay.py` hands what is read to
the detector, and its events to the tables of labs/.
"""
