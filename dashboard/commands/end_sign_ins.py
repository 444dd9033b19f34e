"""python -m dashboard end-sign-ins: put somebody out before the provider does."""

from dashboard.commands.console import checked_settings, err, fail
from data import clock, sign_ins
from data.sources import DatabaseFailedError, migrate_database
from data.writing import NotChangedError


def end_sign_ins(person: str) -> None:
    """End every sign-in of a person (their e-mail address): they are out at their next click.

    They can sign in again where the provider lets them; to keep them out, take their role away as well.
    """
    settings = checked_settings()
    try:
        migrate_database(settings)
        url = settings.database_url.get_secret_value()
        ended = sign_ins.end(url, person, clock.now(), "command line")
    except (DatabaseFailedError, NotChangedError) as error:
        fail(str(error))
    err.print(f"{ended} sign-ins of {person} ended" if ended else f"{person} has no sign-in that counts")
