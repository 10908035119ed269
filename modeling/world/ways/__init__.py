"""Ways from one scene to the next: every frame is analytic, sharp, and at both ends what `render` gives.

Nothing is cross-faded but the colours of smooth areas. A way is a function of the join, of `t` 0..1, and of where the picture looks.
"""

from collections.abc import Callable

from torch import Tensor

from modeling.world.ways.eye import Eye
from modeling.world.ways.flow import flow
from modeling.world.ways.join import Join
from modeling.world.ways.page import page
from modeling.world.ways.pan import pan, ride
from modeling.world.ways.rise import rise
from modeling.world.ways.zoom import zoom

WAYS: dict[str, Callable[[Join, float, Eye], Tensor]] = {
    "flow": flow,
    "pan": pan,
    "follow": ride,
    "ride": ride,
    "zoom": zoom,
    "rise": rise,
    "page": page,
}
