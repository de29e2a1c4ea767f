"""Small synthetic networks: a pair of tiers, or random ones with links of any quality."""

import numpy as np

from netspatial.operate.network import Network
from netspatial.operate.power import power_model
from netspatial.radio.service_graph import ServiceGraph
from netspatial.randomness import stream


def drawn_network(
    seed: int, stations: int = 6, pixels: int = 4, power: str = "earth-macro"
) -> Network:
    """Every third station in the coverage tier, capacities 5 to 30, up to three other servers."""
    rng = stream(seed, "network")
    owner = np.repeat(np.arange(stations), pixels)
    share = rng.dirichlet(np.ones(pixels), stations).ravel()
    pixel, server = [np.arange(len(owner))], [owner]
    for number, station in enumerate(owner):
        others = np.delete(np.arange(stations), station)
        near = rng.choice(others, rng.integers(0, min(3, stations - 1) + 1), replace=False)
        pixel.append(np.full(len(near), number))
        server.append(near)
    links = np.concatenate(pixel)
    return Network(
        station_ids=tuple(f"BS{n}" for n in range(stations)),
        capacity=rng.uniform(5, 30, stations),
        coverage=np.arange(stations) % 3 == 0,
        service_graph=ServiceGraph(
            owner, share, links, np.concatenate(server), rng.uniform(0.5, 6, len(links))
        ),
        power=(power_model(power),) * stations,
    )


def pair(power: str = "earth-macro", reached: bool = True) -> Network:
    """A coverage station of capacity 100 and a capacity station of 10 that it reaches, or not."""
    server = np.array([0, 1, 0]) if reached else np.array([0, 1])
    pixel = np.array([0, 1, 1]) if reached else np.array([0, 1])
    return Network(
        station_ids=("wide", "small"),
        capacity=np.array([100.0, 10.0]),
        coverage=np.array([True, False]),
        service_graph=ServiceGraph(
            np.array([0, 1]), np.ones(2), pixel, server, np.ones(len(pixel))
        ),
        power=(power_model(power),) * 2,
    )


def drawn_traffic(network: Network, seed: int, hours: int = 24, level: float = 0.3) -> np.ndarray:
    """Daily profile with noise, about `level` of each capacity on average."""
    rng = stream(seed, "traffic")
    profile = 1 - 0.9 * np.cos(2 * np.pi * np.arange(hours) / 24)
    noise = rng.lognormal(0, 0.3, (network.size, hours))
    return level * network.capacity[:, None] * profile * noise
