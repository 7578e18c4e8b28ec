"""The attacker: what can somebody be certain of who knows everything that is public, and uses all of it at once?

Interface (all values are in `attack_input`, plain numpy arrays, filled by whoever reads the files):

    records = Records(quarter=35, entity=..., sub=..., rc=..., category=..., grade=..., unct=..., country=...,
                      duty_station=..., region=..., headquarters=..., women=..., men=...)
        One quarter of `staff_core` (or of `staff` with `member=` for a personal dimension, and `department=` for the
        internal audience), summed over what is not asked for. `sub`: id of a place-bound department, else -1.
    published = Published(cells={"unct+entity+grade": Cells(member=..., entity=..., grade=..., women=..., men=...,
                                 status=...), ...}, withheld={"unct+entity+grade": RowGroups.of(rows)})
        One entry in `cells` for each rounded table, empty ones too. Cells may be those before withholding.
    task = Task(now=Edition(records, published), earlier=(Edition(...), ...), dimension="" or "nationality",
                audience="public" or "internal")
        Earlier releases' records and tables of the same quarter; identical ones cost nothing.

    attack(task, policy, withheld) -> Result            one attack, nothing withheld beyond what is given
    protect(task, policy, withheld) -> Result           withholds until nothing is certain; Result.withheld is new
    attack_quarters(tasks, policy, withheld=..., known=digests, workers=2, protect=True) -> Outcome
        All of them, in two processes where that pays; `Outcome.withheld` is the whole list (given and new, by table),
        `Outcome.certain` is to be empty or the release fails. Tasks whose digest is in `known` are skipped: with the
        policy's version the digest fixes everything but the withheld list, and withholding more is never less safe.
        `tasks` may be an iterator: quarters are then read while others are being attacked.

    tables.groups_not_broken_down(records, dimension, policy) -> dict[table, RowGroups]      the two group rules
    tables.release(records, policy, rounding_key, dimension="") -> Published    tables as a release makes them (tests,
        internal audience); tables.plain(records, policy, dimension="") -> Published     "hide under 5", nothing else
"""
