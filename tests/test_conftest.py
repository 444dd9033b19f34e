"""The two databases are what they say."""

from sqlalchemy import Engine, text


def test_engine_answers(engine: Engine) -> None:
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from customer")).scalar_one() == 0
