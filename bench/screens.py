"""Open live streams, as that many screens would, while something else is measured, and say what they were told.

python -m bench.screens ADDRESS SIGN_IN_LINK MISSION --screens 50 --seconds 30
"""

from __future__ import annotations

import argparse
import asyncio
import re

import httpx
import msgspec


async def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("address")
    options.add_argument("link")
    options.add_argument("mission")
    options.add_argument("--screens", type=int, default=50)
    options.add_argument("--seconds", type=float, default=30)
    asked = options.parse_args()
    limits = httpx.Limits(max_connections=asked.screens + 5)
    async with httpx.AsyncClient(base_url=asked.address, follow_redirects=True, limits=limits, timeout=None) as client:
        page = await client.get(asked.link)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)
        assert token
        await client.post(asked.link, data={"csrfmiddlewaretoken": token[1]}, headers={"Referer": asked.link})
        told = [0] * asked.screens
        watching = [asyncio.create_task(watch(client, asked.mission, told, n)) for n in range(asked.screens)]
        await asyncio.sleep(asked.seconds)
        for task in watching:
            task.cancel()
        await asyncio.gather(*watching, return_exceptions=True)
    print(
        f"      {asked.screens} open screens were told of {min(told):,} to {max(told):,} posts each meanwhile",
        flush=True,
    )


async def watch(client: httpx.AsyncClient, mission: str, told: list[int], screen: int) -> None:
    async with client.stream("GET", f"/live/{mission}/") as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: ") and '"topics"' in line:
                for found in msgspec.json.decode(line[6:])["topics"].values():
                    told[screen] += len(found.get("new", ()))


if __name__ == "__main__":
    asyncio.run(main())
