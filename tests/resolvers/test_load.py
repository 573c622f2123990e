"""Round trips under load: a share goes together, nobody waits long, and whoever is alone waits for nobody."""

import asyncio

from resolvers.load import Gathering, Load


async def _elapsed_s(gathering: Gathering, waiting: list[int]) -> float:
    began = asyncio.get_running_loop().time()
    await gathering.gather(waiting)
    return asyncio.get_running_loop().time() - began


async def test_whoever_is_one_of_few_goes_at_once() -> None:
    for under_way in (0, 1, 2, 5):
        assert await _elapsed_s(Gathering(Load(under_way), 10), [1]) < 1


async def test_many_wait_until_a_share_has_come() -> None:
    load = Load(40)
    gathering, waiting = Gathering(load, 10), [0]
    gathered = asyncio.create_task(gathering.gather(waiting))
    assert 1 < load.worth < 20
    for number in range(1, load.worth):
        await asyncio.sleep(0)
        assert not gathered.done()
        waiting.append(number)
        gathering.came(waiting)

    await asyncio.wait_for(gathered, 1)


async def test_nobody_waits_longer_than_patience() -> None:
    assert 0.01 <= await _elapsed_s(Gathering(Load(1000), 0.02), [1]) < 1
