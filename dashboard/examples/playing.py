"""The examples are made: scene after scene, each on its day."""

from pydantic import SecretStr

from dashboard.actions import opening
from dashboard.examples.story import AT_STRIPE, STORY
from dashboard.examples.world import World
from data.config import Settings
from data.sources import open_database


def play(chosen: Settings, url: str) -> None:
    """Make them in a database of their own, at a sandbox that waits for its last days."""
    own = chosen.model_copy(update={"database_url": SecretStr(url)})
    with open_database(own), opening.gateway(own) as gateway:
        world = World(own, gateway)
        for scene in sorted(STORY, key=lambda scene: -scene.ago):
            with world.days_ago(scene.ago, at_stripe=scene.act in AT_STRIPE):
                scene.act(world, scene.name, *scene.told)
