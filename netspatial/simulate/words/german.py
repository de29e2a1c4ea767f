"""German words for made-up names of a simulated town."""

from netspatial.simulate.names import Words, listed

WORDS = Words(
    people=listed(
        "Albrecht|Brandner|Crailing|Dornfeld|Ebeling|Fuhrmann|Gerlach|Hartwig|Immel|Jansen|"
        "Kellner|Lindemann|Mertens|Niemann|Oberhoff|Paulsen|Quandel|Reinhold|Seifert|Thalmann|"
        "Ulrich|Volkmer|Wendler|Ziegler|Yılmaz|Nowak|Russo|Petrović|Nguyen|Demir"
    ),
    places=listed(
        "Nordtor|Altstadt|Uferhof|Westend|Hafen|Ostring|Mühlbach|Parkallee|Zentrum|Südstadt|"
        "Sonnenberg|Königsplatz|Klosterhof|Brückenkopf|Gießerei|Hochfeld|Bachwinkel|Annaplatz"
    ),
    things=listed(
        "Goldener|Blauer|Grüner|Kleiner|Alter|Roter|Wilder|Stiller|Bunter|Weißer|Schwarzer|"
        "Lustiger|Fleißiger|Flinker|Guter|Neuer|Treuer|Feiner"
    ),
    forms={
        "eat": listed(
            "Gasthaus {person}|{thing} Hirsch|Ristorante {person}|{thing} Löffel|"
            "Wirtshaus am {place}|{thing} Drache|Grillhaus {person}|{thing} Koch"
        ),
        "cafe": listed("Café {person}|Kaffeerösterei {person}|Café am {place}|{thing} Becher"),
        "snack": listed("Imbiss {person}|Döner {place}|Pizza {person}|Currywurst {place}"),
        "bar": listed(
            "{thing} Anker|Bar {person}|Kneipe am {place}|{thing} Krug|Weinstube {person}"
        ),
        "club": listed("Klub {place}|Halle {place}|{thing} Keller"),
        "screen": listed("Lichtspiele {place}|Kino {person}|Theater am {place}"),
        "museum": listed("Museum {place}|Galerie {person}|Stadtmuseum {place}"),
        "hotel": listed("Hotel {person}|Hotel am {place}|Pension {person}|{thing} Bär"),
        "grocer": listed(
            "Frischemarkt {person}|Kiosk {place}|Markthalle {place}|Feinkost {person}"
        ),
        "baker": listed("Bäckerei {person}|Backstube {place}|{thing} Ofen"),
        "hair": listed("Salon {person}|Haarstudio {place}|Friseur {person}"),
        "mall": listed("{place}-Galerie|{place}-Center|Passage {person}"),
        "bank": listed("Volkskasse {place}|Bankhaus {person}|Sparbank {place}"),
        "hospital": listed("Klinikum {place}|Krankenhaus {place}"),
        "school": listed("Grundschule {place}|{person}-Schule|Kita {place}|Kita {thing} Käfer"),
        "campus": listed(
            "Institut für Physik|Fakultät für Technik|Bibliothek {person}|Hörsaal {place}"
        ),
        "dormitory": listed("Wohnheim {place}|Studentenhaus {person}"),
        "worship": listed("Kirche {place}|Moschee {place}|Kapelle {place}"),
        "office": listed("Bürgeramt {place}|Finanzamt {place}|Amt für {place}"),
        "company": listed(
            "{person} GmbH|{person} & {other} AG|{person} Beratung|Technik {person}|"
            "{person} Versicherungen|Medienhaus {place}"
        ),
        "partners": listed("Kanzlei {person}|{person} & Partner|Notariat {person}"),
        "works": listed("{person} Werke|Stahlbau {person}|Metall {place}|Kunststoff {person}"),
        "depot": listed("Spedition {person}|Lager {place}|Logistik {place}"),
        "fuel": listed("Tankstelle {place}|Autohof {place}"),
        "parking": listed("Parkhaus {place}|Tiefgarage {place}"),
        "station": listed("{place}|Bahnhof {place}|{place} Süd"),
        "stop": listed("{place}|{person}straße|{place} Mitte"),
        "park": listed("Park {place}|{person}garten|Volkspark {place}"),
        "playground": listed("Spielplatz {place}|Spielplatz {thing} Frosch"),
        "sport": listed("Sportplatz {place}|Fitness {place}|Arena {place}|Turnhalle {place}"),
        "farm": listed("Hof {person}|Gut {place}"),
        "pharmacy": listed("Apotheke am {place}|{place}-Apotheke|{person} Apotheke"),
        "doctor": listed("Praxis Dr. {person}|Gemeinschaftspraxis {place}|Dr. {person}"),
        "dentist": listed("Zahnarzt {person}|Zahnärzte am {place}"),
        "electronics": listed("Elektro {person}|Technik {place}|{person} Elektronik"),
        "phones": listed("Handyladen {place}|Mobilfunk {person}"),
        "furniture": listed("Möbel {person}|Küchen {person}|Betten {person}"),
        "clothes": listed("Modehaus {person}|Atelier {person}|{thing} Faden|Mode {place}"),
        "shoes": listed("Schuhe {person}|Schuhhaus {place}"),
        "insurer": listed("{person} Versicherungen|{place} Lebensversicherung"),
        "joiner": listed("Tischlerei {person}|Zimmerei {person}"),
        "garage": listed("Autohaus {person}|Werkstatt {person}|Kfz {place}"),
    },
)
