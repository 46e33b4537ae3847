"""The bound: the same facts written by pgbench, one transaction for each hold, as a shop without group commit would."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from bench.checkout.stage import Stage

CLIENTS = 32
MISSING = "pgbench is not here: it comes with Postgres (Debian: `apt-get install postgresql-client`)"
SCRIPT = """\\set buyer random(1, 1000000000)
\\set which random(1, {variants})
begin;
update variants set available = available - 1, held = held + 1
    where id = (array[{ids}])[:which::int] and available >= 1 returning id as variant, listing_id as listing \\gset
insert into holds (id, account_id, store_id, listing_id, variant_id, show_id, title, variant_name, photo_id, quantity,
        unit_price, tax_rate, size, terms_id, expires_at, created_at)
    values (md5(:client_id::text || :buyer::text || clock_timestamp()::text), lpad(:buyer::text, 20, '0'), '{store}',
        :listing, :variant, '{show}', '湧き水の器', '', null, 1, 1480, 10, 60, '{terms}',
        now() + interval '5 minutes', now())
    on conflict do nothing;
insert into arrivals (variant_id, n, account_id, key, digest, quantity, outcome, left_before, at)
    values (:variant, coalesce((select max(n) from arrivals where variant_id = :variant), 0) + 1,
        lpad(:buyer::text, 20, '0'), md5(clock_timestamp()::text), decode(repeat('ab', 32), 'hex'), 1, 'held', 1,
        now());
commit;
"""


def rate(stage: Stage, where: Path, variants: list[str], seconds: float) -> float | None:
    """Holds a second that pgbench makes; None when it is not here."""
    pgbench = shutil.which("pgbench")
    if pgbench is None:
        return None
    script = where / "plain.pgb"
    script.write_text(
        SCRIPT.format(
            variants=len(variants),
            ids=", ".join(f"'{variant}'" for variant in variants),
            store=stage.store_id,
            show=stage.show_id,
            terms="0" * 64,
        )
    )
    command = [
        *(pgbench, "--no-vacuum", "--protocol=prepared", f"--client={CLIENTS}", "--jobs=1"),
        *(f"--time={max(1, round(seconds))}", f"--file={script}"),
    ]
    done = subprocess.run(
        command, env={**os.environ, **stage.socket}, capture_output=True, text=True, check=False, timeout=seconds + 60
    )
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if found is None:
        raise RuntimeError(done.stderr[-2000:])
    return float(found[1])
