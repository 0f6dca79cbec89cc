"""Random texts for synthetic pages, from a list of everyday English words that was written for this."""

from __future__ import annotations

import numpy as np

_LIST = """
able about above across after again agree air all almost alone along always amaze among anger animal
answer any apple april apron are area army around arrive art ask august aunt away axe baby back bag bake
ball bank basket bath beach bean bear because become bed bee before begin behind bell belong below bench
best better between beyond bicycle big bird black blanket blue board boat body bone book both bottle bowl
box boy branch brave bread break breath brick bridge bright bring brother brown brush build bus busy
butter button buy cabin cake call camp candle cap car card carry castle cat catch chair chalk change
cheap cheese chess chicken child choose church circle city class clean clear climb clock cloud coat
coffee cold color come cook copper corn corner count country cousin cover cow cream cross crowd cup
curtain cut dance dark daughter day december deep deer desk dinner dog door down draw dream dress drink
drive drop dry duck dust each eagle ear early earth east easy eat egg eight either elbow empty engine
enjoy enough equal evening every exact expect eye fable face fact fall family far farm fast father
feather february feel fence fever few field fig fill find finger fire first fish five fix flag floor
flour flower fly fog follow food foot forest forget fork four fox fresh friday friend frog from front
fruit full fun garden gate gather gift girl give glad glass glove goat gold good goose grape grass great
green grey ground group grow guess guitar hair half hammer hand happy harbour hard hat have hawk hazel
head hear heart heavy help hen here hidden high hill hold hole holiday home honey hope horse hour house
hundred hungry hurry ice idea ill inch ink inside iron island ivory ivy jacket jam january jar jaw
jealous jelly job join joke jolly journey joy judge juice july jump june jungle just keen keep kettle key
kick kind king kiss kitchen kite knee knife knock know lake lamp large last laugh law lazy leaf learn
left lemon letter library life lift light lily lion list listen little live loaf lock long look lost loud
love low lucky lunch machine magic mail make many map march market mask match maybe meadow meal meat meet
melon metal middle milk mill minute mirror mix monday money month moon more morning most mother mountain
mouse mouth move much music must nail name narrow near neck need nest never new next nice night nine
noise north nose notebook nothing november now number nut oak ocean october off often oil old olive once
one onion only open orange orchard other oven over owl own page paint pair paper park part past path pay
peach pear pen pencil people pepper phone piano picture pie pig pillow pink pipe place plain plan plant
plate play please plough plum pocket pond poor postcard potato pour power press pretty price print prize
pull pumpkin puppy purple push puzzle quarter queen question quick quiet quilt quite quiz rabbit radio
rain raise reach read ready red rest rice rich ride right ring rise river road roast rock roof room root
rope rose round row rule run sad safe sail salt same sand saturday save school sea season seat second see
seed sell send september seven shade shape share sharp sheep shell ship shirt shoe shop short shoulder
show sick side silk silver simple since sing sister sit six size skin sky sleep slow small smile smoke
snow soap soft some song soon sort soup south speak spider spoon spring square stable stamp stand star
station stay steam step stick still stone stop store storm story straw street strong sugar summer sun
sunday supper sure sweet swim table tail take tale talk tall taste tax tea teach team tell ten tent than
thank that theatre then thick thin thing think third thirsty thousand three throw thumb thunder thursday
ticket tie tiger time tired today together tomato tomorrow tool tooth top touch towel town toy train
travel tree true trust tuesday turn twelve twenty two uncle under until upon use valley van velvet very
view village violin visit voice wait walk wall want warm wash watch water wave wax way weather wednesday
week well west wet wheat wheel when where white why wide wild win wind window wing winter wise with wolf
wonder wood wool word work world worm write wrong yard year yellow yes yesterday young zebra zero zigzag
zoo
"""
WORDS = tuple(_LIST.split())


def random_text(rng: np.random.Generator, characters: int = 150, kind: str = "letters") -> str:
    """Return a random text of about `characters` characters without blanks, in one to three paragraphs.

    kind   "letters": words, in two of three texts in small letters only, else also or only in capitals;
           "digits": groups of one to five digits; "characters": both
    """
    manner = rng.choice(["small", "sentences", "capitals"], p=[0.65, 0.25, 0.1])
    text = ""
    count = 0
    while count < characters:
        digits = kind == "digits" or (kind == "characters" and rng.random() < 0.25)
        if digits:
            word = "".join(str(d) for d in rng.integers(0, 10, rng.integers(1, 6)))
        else:
            word = str(rng.choice(WORDS))
            starts = count == 0 or rng.random() < 0.15
            word = word.upper() if manner == "capitals" else word
            word = word.capitalize() if manner == "sentences" and starts else word
        new_paragraph = characters / 3 < len(text) - text.rfind("\n") and rng.random() < 0.05
        text += ("\n" if new_paragraph else " ") + word
        count += len(word)
    return text[1:]
