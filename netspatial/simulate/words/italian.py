"""Italian words for made-up names of a simulated town."""

from netspatial.simulate.names import Words, listed

WORDS = Words(
    people=listed(
        "Albertini|Barbieri|Colonna|Donati|Esposti|Ferrante|Grassi|Lombardini|Marchesi|Nardelli|"
        "Orsini|Pellegri|Quaranta|Rinaldi|Salvetti|Tarantino|Umberti|Valenti|Zanetti|Bassani|"
        "Chen|Hoxha|Popescu|Diallo|Cattaneo|Moretti|Sartori|Bellini|Fontana|Ricci"
    ),
    places=listed(
        "Porta Nuova|Centro|Lungofiume|Borgo|del Porto|San Marco|Città Alta|Parco|Stazione|"
        "Castello|Mercato Vecchio|Ponte Rosso|Sant'Anna|Belvedere|Fonderia|delle Mura|Arsenale"
    ),
    things=listed(
        "d'Oro|Blu|Antico|Verde|Nuovo|Rosso|Allegro|Bianco|Nero|Reale|Buono|Felice|Grande|Dolce|"
        "Segreto|Moderno|Rapido|Fresco"
    ),
    forms={
        "eat": listed(
            "Trattoria {person}|Osteria {place}|Ristorante {person}|Pizzeria {place}|Forno {thing}|"
            "Da {person}|Giardino {thing}|Sushi {place}"
        ),
        "cafe": listed("Caffè {person}|Caffè {place}|Pasticceria {person}|Gelateria {thing}"),
        "snack": listed("Pizza al taglio {person}|Piadineria {place}|Panino {thing}|Kebab {place}"),
        "bar": listed("Bar {person}|Enoteca {person}|Bar {place}|Gallo {thing}|Birreria {place}"),
        "club": listed("Discoteca {thing}|Club {place}|Notte {thing}"),
        "screen": listed("Cinema {place}|Teatro {person}|Teatro {place}"),
        "museum": listed("Museo {person}|Galleria {place}|Palazzo {person}"),
        "hotel": listed("Albergo {person}|Hotel {place}|Locanda {person}"),
        "grocer": listed(
            "Alimentari {person}|Supermercato {place}|Mercato {thing}|Bottega {person}"
        ),
        "baker": listed("Panificio {person}|Forno {person}|Forno {place}"),
        "hair": listed("Parrucchiere {person}|Salone {person}|Barbiere {place}"),
        "mall": listed("Galleria {place}|Centro Commerciale {place}"),
        "bank": listed("Banca {place}|Cassa {person}|Credito {place}"),
        "hospital": listed("Ospedale {person}|Clinica {place}"),
        "school": listed("Scuola {person}|Istituto {person}|Asilo {place}"),
        "campus": listed(
            "Dipartimento di Fisica|Facoltà di Ingegneria|Biblioteca {person}|Aula {person}"
        ),
        "dormitory": listed("Residenza {person}|Collegio {person}"),
        "worship": listed("Chiesa {place}|Parrocchia {place}|Moschea {place}"),
        "office": listed("Municipio {place}|Agenzia {place}|Ufficio tributi {place}"),
        "company": listed(
            "{person} S.r.l.|{person} e {other} S.p.A.|Consulenze {person}|Sistemi {person}|"
            "Assicurazioni {person}|Media {place}"
        ),
        "partners": listed("Studio legale {person}|Avv. {person}|Notaio {person}"),
        "works": listed("Officine {person}|Acciai {person}|Plastiche {person}|Tessiture {person}"),
        "depot": listed("Trasporti {person}|Magazzini {place}|Logistica {place}"),
        "fuel": listed("Stazione di servizio {place}|Carburanti {person}"),
        "parking": listed("Parcheggio {place}|Autorimessa {person}"),
        "station": listed("{place}|Stazione {place}|{person}"),
        "stop": listed("{place}|Via {person}|Piazza {person}"),
        "park": listed("Parco {person}|Giardini {place}|Villa {person}"),
        "playground": listed("Parco giochi {place}|Area giochi {person}"),
        "sport": listed("Palestra {place}|Campo {person}|Stadio {place}|Piscina {person}"),
        "farm": listed("Cascina {person}|Azienda agricola {person}"),
        "pharmacy": listed("Farmacia {person}|Farmacia {place}|Antica Farmacia {person}"),
        "doctor": listed("Studio medico {person}|Dott. {person}|Ambulatorio {place}"),
        "dentist": listed("Dentista {person}|Studio dentistico {place}"),
        "electronics": listed("Elettronica {person}|Elettrodomestici {person}|Tecno {place}"),
        "phones": listed("Telefonia {place}|Cellulari {person}"),
        "furniture": listed("Arredamenti {person}|Casa {thing}|Mobili {person}"),
        "clothes": listed("Moda {person}|Sartoria {person}|Boutique {place}|Filo {thing}"),
        "shoes": listed("Calzature {person}|Scarpe {place}"),
        "insurer": listed("Assicurazioni {person}|Mutua {place}"),
        "joiner": listed("Falegnameria {person}|Legno {thing}"),
        "garage": listed("Officina {person}|Carrozzeria {person}|Gomme {place}"),
    },
)
