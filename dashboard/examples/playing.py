"""The examples are made: scene after scene, each on its day."""

import logging

from pydantic import SecretStr

from dashboard.actions import opening
from dashboard.actions.base import ActionError
from dashboard.examples.story import AT_STRIPE, CHANGES, STORY, Scene
from dashboard.examples.world import World
from data.config import Settings
from data.sources import open_database

LOG = logging.getLogger(__name__)


def play(chosen: Settings, url: str) -> None:
    """Make them in a database of their own, at a sandbox that waits for its last days."""
    own = chosen.model_copy(update={"database_url": SecretStr(url)})
    with open_database(own), opening.gateway(own) as gateway:
        world = World(own, gateway)
        for scene in STORY:
            with world.days_ago(scene.ago, at_stripe=scene.act in AT_STRIPE):
                _enacted(world, scene)


def _enacted(world: World, scene: Scene) -> None:
    """Customers of the generated business do as they like: a change that does not fit them is left out."""
    try:
        scene.act(world, *scene.told)
    except (ActionError, LookupError) as error:
        if scene not in CHANGES:
            raise
        LOG.debug("%s was left out: %s", scene.told, error)
