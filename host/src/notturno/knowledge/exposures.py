"""What can cause or worsen jerks and periodic movements in sleep: a table with a source a row.

Not complete, and no reason to change anything alone: what a row means for one person is a
physician's to judge. The evidence named is that of the source, whose abstract was read. Pure data.
"""

from typing import NamedTuple

MEDICINES = "Medicines"
CONDITIONS = "Conditions and deficiencies"
HABITS = "Food, drink and sleep"
GROUPS = (HABITS, MEDICINES, CONDITIONS)

SOURCES = {
    "rissardo2025": "Rissardo and others, Drug-Induced Myoclonus: A Systematic Review, Medicina "
    "2025;61:131, doi:10.3390/medicina61010131",
    "janssen2017": "Janssen and others, J Neurol 2017;264:1559-1566, "
    "doi:10.1007/s00415-016-8357-z",
    "hoque2010": "Hoque and Chesson, J Clin Sleep Med 2010;6:79-83, PMC2823282 (the "
    "names of the medicines from memory)",
    "aldrich1993": "Aldrich and Shipley, Alcohol Clin Exp Res 1993;17:192-196, "
    "doi:10.1111/j.1530-0277.1993.tb00747.x",
    "irlssg2018": "Allen and others (IRLSSG), iron treatment of restless legs, Sleep Med 2018;41",
    "mayo": "Mayo Clinic, Myoclonus: overview and causes (patient information)",
    "aasm": "American Academy of Sleep Medicine, on sleep starts, as cited by encyclopedias "
    "(not read in the original)",
    "frauscher2014": "Frauscher and others 2014: movements in sleep of 100 healthy people",
    "neurolres2008": "Actigraphy at toe and ankle, 40 nights, Neurol Res 2008, as listed by the "
    "device's maker (not read in the original)",
    "howell2015": "Howell and Schenck, REM sleep behaviour disorder, JAMA Neurology 2015",
}


class Exposure(NamedTuple):
    """One row: `code` (for the diary and files), group, name, effect and the key of its source."""

    code: str
    group: str
    name: str
    effect: str
    source: str


_JERKS = "jerks (myoclonus) are reported, with the strongest grade of that review"
_PLM = "more periodic limb movements are reported, in few studies"

EXPOSURES = (
    Exposure(
        "caffeine", HABITS, "Caffeine", "named among what makes sleep starts more likely", "aasm"
    ),
    Exposure(
        "nicotine", HABITS, "Nicotine", "named among what makes sleep starts more likely", "aasm"
    ),
    Exposure(
        "alcohol",
        HABITS,
        "Alcohol",
        "two or more drinks a day: periodic movements were found more often; which comes first is "
        "not known",
        "aldrich1993",
    ),
    Exposure(
        "stress",
        HABITS,
        "Stress or worry",
        "named among what makes sleep starts more likely",
        "aasm",
    ),
    Exposure(
        "exercise",
        HABITS,
        "Hard exercise in the evening",
        "named among what makes sleep starts more likely",
        "aasm",
    ),
    Exposure(
        "sleep_loss",
        HABITS,
        "Too little or irregular sleep",
        "named among what makes sleep starts more likely",
        "aasm",
    ),
    Exposure(
        "ssri",
        MEDICINES,
        "Antidepressants: SSRI (citalopram, escitalopram, paroxetine, sertraline)",
        _JERKS,
        "rissardo2025",
    ),
    Exposure(
        "venlafaxine",
        MEDICINES,
        "Antidepressants: fluoxetine, venlafaxine and others",
        _PLM,
        "hoque2010",
    ),
    Exposure(
        "tricyclic",
        MEDICINES,
        "Antidepressants: tricyclic (amitriptyline)",
        _JERKS,
        "rissardo2025",
    ),
    Exposure("lithium", MEDICINES, "Lithium", _JERKS, "rissardo2025"),
    Exposure(
        "antipsychotic",
        MEDICINES,
        "Antipsychotics (clozapine, quetiapine)",
        _JERKS,
        "rissardo2025",
    ),
    Exposure(
        "opioid", MEDICINES, "Strong painkillers (morphine, fentanyl)", _JERKS, "rissardo2025"
    ),
    Exposure("gabapentinoid", MEDICINES, "Gabapentin, pregabalin", _JERKS, "rissardo2025"),
    Exposure(
        "antiseizure",
        MEDICINES,
        "Other medicines against seizures (carbamazepine, oxcarbazepine, phenytoin, valproate)",
        _JERKS,
        "rissardo2025",
    ),
    Exposure("amantadine", MEDICINES, "Amantadine", _JERKS, "rissardo2025"),
    Exposure(
        "antibiotic",
        MEDICINES,
        "Some antibiotics (ciprofloxacin, cefepime, ceftazidime)",
        _JERKS,
        "rissardo2025",
    ),
    Exposure("bismuth", MEDICINES, "Bismuth salts", _JERKS, "rissardo2025"),
    Exposure(
        "iron",
        CONDITIONS,
        "Lack of iron",
        "goes with restless legs, and those with periodic movements; ferritin in the blood tells",
        "irlssg2018",
    ),
    Exposure("kidney_liver", CONDITIONS, "Kidney or liver failure", "can cause jerks", "mayo"),
    Exposure(
        "oxygen",
        CONDITIONS,
        "A long lack of oxygen, head injury, stroke",
        "can cause jerks",
        "mayo",
    ),
    Exposure("infection", CONDITIONS, "Infections", "can cause jerks", "mayo"),
    Exposure(
        "metabolic",
        CONDITIONS,
        "Disorders of metabolism, poisoning",
        "can cause jerks",
        "mayo",
    ),
    Exposure("epilepsy", CONDITIONS, "Epilepsy", "jerks may be a part of it", "mayo"),
    Exposure(
        "neurodegenerative",
        CONDITIONS,
        "Parkinson's, Alzheimer's and other diseases of the nervous system",
        "can cause jerks",
        "mayo",
    ),
)


def offered() -> list[Exposure]:
    """Return what a diary offers by name: what is eaten, drunk, done or taken."""
    return [one for one in EXPOSURES if one.group in (HABITS, MEDICINES)]
