"""Short forms of given names that are not simply their beginning. Data only; folded, see `words`."""

from __future__ import annotations

_TABLE = """
matilda: tilly tilda tillie mattie matty
elizabeth: lizzie liz lizzy beth betsy eliza betty libby
isabella: bella izzy issy izzie belle
isabelle: bella izzy issy belle
isobel: izzy issy bel
isabel: izzy issy bel
margaret: maggie meg peggy daisy
katherine: kate katie kathy kitty kat
catherine: kate katie cathy kitty cat
kathleen: kate katie kathy
charlotte: lottie charlie lotte
eleanor: ellie nell nora nellie ella
abigail: abby abbie gail
alexandra: lexi alex sasha sandra lexie
alexander: alex sasha xander zander alec
alejandro: alex ale
alexandre: alex
william: will bill billy willy liam
robert: rob bob bobby robbie bert
richard: rick dick richie rich
edward: ed ted teddy eddie ned
theodore: theo ted teddy
james: jim jimmy jamie jem
john: jack johnny jon
jonathan: jon jonny johnny nathan
michael: mike mikey mick micky
nicholas: nick nicky nico
nicolas: nick nico
joseph: joe joey
josephine: josie jo
benjamin: ben benny benji
samuel: sam sammy
samantha: sam sammy
daniel: dan danny
matthew: matt matty
andrew: andy drew
anthony: tony ant
christopher: chris kit topher
christian: chris
thomas: tom tommy
timothy: tim timmy
charles: charlie chuck chas
henry: harry hank
harrison: harry
frederick: fred freddie freddy
frances: fran frankie
francesca: fran frankie cesca chess
francis: frank frankie
gabriel: gabe gabi
gabriela: gabi gaby gabby
gabriella: gabi gaby gabby ella
patrick: paddy pat
patricia: pat trish patsy
peter: pete
philip: phil pip
phillip: phil pip
stephen: steve stevie
steven: steve stevie
rebecca: becky becca bec
victoria: vicky tori vic
jessica: jess jessie
jennifer: jen jenny
emily: em emmy emmie millie
emma: em emmy ems
amelia: millie amy mia
camila: cami mila
oliver: ollie olly
olivia: liv livvy livvie ollie
sebastian: seb bas bash
zachary: zach zac zack
isaac: ike zac
nathaniel: nate nat nathan
nathan: nate
leonardo: leo
leonard: leo lenny
madeleine: maddie maddy
madison: maddie maddy
mackenzie: kenzie mack
penelope: penny nell poppy
rosalie: rosie
rosemary: rosie
rose: rosie
rosa: rosie
georgia: george georgie
georgina: george georgie
lillian: lily lil lilly
lily: lil lils
natalie: nat
natalia: nat talia
caroline: carrie caro
carolina: caro
phoebe: pheebs bee
beatrice: bea trixie
evelyn: evie eve
eva: evie
eve: evie
genevieve: evie gen
imogen: immy
jacob: jake
joshua: josh
lucas: luke
luke: lukey
maximilian: max
maxwell: max
mohammed: mo
mohammad: mo
muhammad: mo
mohamed: mo
francisco: paco pancho
ignacio: nacho
guadalupe: lupe lupita
jose: pepe pepito
zofia: zosia
aleksandra: ola
malgorzata: gosia
katarzyna: kasia
jakub: kuba
anna: ania annie
stanislaw: stas
tadeusz: tadek
wojciech: wojtek
agnieszka: aga
sophia: soph sophie
sophie: soph
harriet: hattie harry
hannah: han hanny
ezekiel: zeke zek
ezequiel: zeke
andre: dre
deandre: dre
agatha: aggie
agnes: aggie nessie
dominic: dom
dominique: dom nikki
nikhil: nik nikki
nicole: nicky nikki
nicola: nicky nikki
rosalind: ros roz
rosamund: ros
josiah: joe jojo
elijah: eli lijah
jeremiah: jem jerry miah
tobias: toby tobes
augustus: gus auggie
august: gus auggie
angus: gus
fergus: gus ferg
constance: connie
cornelius: neil
geraldine: geri
geoffrey: geoff
jeffrey: jeff
gregory: greg
harold: harry hal
hector: hec
jerome: jerry
julian: jules
juliette: jules
julia: jules
kimberly: kim
kimberley: kim
lawrence: larry laurie
laurence: laurie
lewis: lew
louis: lou
louisa: lou lulu
louise: lou lulu
malachi: mal
marcus: marc
marguerite: daisy maggie
marianne: mari
martin: marty
martha: marty mattie
maurice: mo
melissa: mel lissa missy
miriam: mim mimi
montgomery: monty
oswald: oz ozzie
percival: percy
philippa: pip pippa
prudence: pru
raymond: ray
reginald: reggie
roderick: rory rod
ronald: ron ronnie
rudolph: rudy
sadie: sades
seraphina: sera fina
solomon: sol solly
stella: stell
susannah: sue suzie
sylvester: sly
tabitha: tabby tibby
theodora: thea dora teddy
thaddeus: tad thad
valentina: val tina
veronica: ronnie vero
vincent: vin vince vinnie
virginia: ginny
walter: walt wally
winifred: win winnie freddie
wilfred: wilf
xavier: xav zav
yolanda: yoli
"""
NICKNAMES: dict[str, frozenset[str]] = {
    name: frozenset(short.split()) for name, short in (line.split(":") for line in _TABLE.strip().splitlines())
}
NEVER_A_NAME = frozenset(
    "will may mark pat bill rich art april june hope grace rose joy faith sunny ray dot gene bea in at an al ed "
    "mar mat net nat den con dan ste the her his can ale car mil ell ma mi ja ha sa no".split()
)
"""Beginnings and short forms that are words as well: they count only when written with a capital."""
