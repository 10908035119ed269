"""The words the world knows, by kind: canonical word -> the phrases a caption may use for it. The first phrase is the default."""

OBJECTS = {
    "ball": ("ball", "beach ball"),
    "boat": ("boat", "sailboat", "ship"),
    "car": ("car", "automobile"),
    "house": ("house", "cottage"),
    "tree": ("tree",),
    "balloon": ("balloon", "hot air balloon"),
    "rocket": ("rocket", "spaceship"),
    "duck": ("duck", "rubber duck"),
    "windmill": ("windmill", "mill"),
    "robot": ("robot",),
}

COLOURS = {name: (name,) for name in ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white")}

SIZES = {"small": ("small", "little", "tiny"), "medium": ("",), "big": ("big", "large", "huge")}

PLACES = {
    "meadow": ("the meadow", "the grass", "a green field"),
    "beach": ("the beach", "the sand"),
    "snow": ("the snow", "a snowy field"),
    "sea": ("the sea", "the water", "the ocean"),
    "city": ("the street", "a city street", "the road"),
}

SKIES = {
    "day": ("on a sunny day", "by day", "under a blue sky"),
    "sunset": ("at sunset", "in the evening", "at dusk"),
    "night": ("at night", "under the stars"),
    "storm": ("in a storm", "under a stormy sky", "under grey clouds"),
}

MOTIONS = {
    "left": ("moves left", "goes to the left", "moves to the left"),
    "right": ("moves right", "goes to the right", "moves to the right"),
    "rise": ("rises", "goes up", "flies up", "rises into the sky"),
    "fall": ("falls", "comes down", "sinks down"),
    "bounce": ("bounces", "jumps up and down", "hops"),
    "closer": ("comes closer", "grows", "approaches"),
    "still": ("stands still", "rests", "stays still", ""),
    "pan": ("and the camera pans right", "while the camera pans"),
}

POSITIONS = {"left": ("on the left",), "middle": ("in the middle",), "right": ("on the right",)}

#: Verbs that fit one object better than the plain ones; used for "left" and "right" with "<verb> left" or "<verb> to the left".
VERBS = {"ball": "rolls", "boat": "sails", "car": "drives", "balloon": "floats", "duck": "swims", "robot": "walks"}

#: What each object can do; a motion that is named twice is drawn twice as often.
CAN_DO = {
    "ball": ("left", "right", "bounce", "bounce", "closer", "still", "fall", "pan"),
    "boat": ("left", "right", "still", "closer", "pan"),
    "car": ("left", "right", "still", "closer", "pan"),
    "house": ("still", "closer", "pan"),
    "tree": ("still", "closer", "pan"),
    "balloon": ("rise", "rise", "fall", "left", "right", "still", "pan"),
    "rocket": ("rise", "rise", "rise", "fall", "fall", "still", "pan"),
    "duck": ("left", "right", "still", "closer", "bounce", "pan"),
    "windmill": ("still", "closer", "pan"),
    "robot": ("left", "right", "bounce", "still", "closer", "pan"),
}

#: Where each object can be.
CAN_BE_AT = {
    "ball": ("meadow", "beach", "snow", "city"),
    "boat": ("sea",),
    "car": ("meadow", "beach", "snow", "city"),
    "house": ("meadow", "beach", "snow"),
    "tree": ("meadow", "beach", "snow"),
    "balloon": ("meadow", "beach", "snow", "sea", "city"),
    "rocket": ("meadow", "beach", "snow", "city"),
    "duck": ("sea", "sea", "meadow", "snow"),
    "windmill": ("meadow", "beach", "snow"),
    "robot": ("meadow", "beach", "snow", "city"),
}

KINDS = {
    "object": OBJECTS,
    "colour": COLOURS,
    "size": SIZES,
    "place": PLACES,
    "sky": SKIES,
    "motion": MOTIONS,
    "position": POSITIONS,
}


def as_data() -> dict:
    """The vocabulary as plain data, the content of `vocabulary.json` in the text package."""
    kinds = {kind: {word: [p for p in phrases if p] for word, phrases in words.items()} for kind, words in KINDS.items()}
    return {
        "kinds": kinds,
        "verbs": VERBS,
        "canDo": {k: sorted(set(v)) for k, v in CAN_DO.items()},
        "canBeAt": {k: sorted(set(v)) for k, v in CAN_BE_AT.items()},
    }
