"""French words for made-up names of a simulated town."""

from netspatial.simulate.names import Words, listed

WORDS = Words(
    people=listed(
        "Aubertin|Beaumont|Chauvel|Delorme|Estève|Fournel|Gaudin|Hautier|Jourdan|Lambertin|"
        "Marchal|Noiret|Ollivier|Perrault|Quentin|Roussel|Sabatier|Thévenot|Vasseur|Bonnard|"
        "Benali|Traoré|Nguyen|Da Silva|Cohen|Moreau|Girard|Leclair|Fontaine|Renaud"
    ),
    places=listed(
        "des Halles|du Port|de la Gare|des Remparts|du Centre|de la Rive|du Parc|de l'Abbaye|"
        "des Forges|du Château|Sainte-Anne|de l'Hôtel de Ville|du Vieux Pont|des Quais|"
        "de la Colline|du Marché|Saint-Martin"
    ),
    things=listed(
        "d'Or|Bleu|Gourmand|Vert|Rouge|Blanc|Royal|Discret|Joyeux|Nouveau|Sauvage|Fin|Malin|"
        "Charmant|Doux|Ancien|Noir|Fleuri"
    ),
    forms={
        "eat": listed(
            "Chez {person}|Bistrot {place}|Brasserie {place}|Le Coq {thing}|La Table de {person}|"
            "Le Dragon {thing}|Crêperie {place}|Pizzeria {person}"
        ),
        "cafe": listed(
            "Café {place}|Salon de thé {person}|Le Moulin {thing}|Torréfaction {person}"
        ),
        "snack": listed("Sandwicherie {place}|Kebab {place}|Le Burger {thing}|Friterie {person}"),
        "bar": listed("Bar {place}|Le Chat {thing}|Cave {person}|Le Tonneau {thing}"),
        "club": listed("Club {place}|Le Caveau {thing}|La Nuit de {person}"),
        "screen": listed("Cinéma {place}|Théâtre {place}|Théâtre {person}"),
        "museum": listed("Musée {person}|Galerie {person}|Maison {place}"),
        "hotel": listed("Hôtel {place}|Hôtel {person}|Auberge {place}"),
        "grocer": listed("Épicerie {person}|Marché {place}|Primeur {person}|Panier {thing}"),
        "baker": listed("Boulangerie {person}|Fournil {place}|Pâtisserie {person}"),
        "hair": listed("Coiffure {person}|Salon {person}|Barbier {place}"),
        "mall": listed("Galerie {place}|Centre commercial {place}|Passage {person}"),
        "bank": listed("Banque {place}|Crédit {person}|Caisse {place}"),
        "hospital": listed("Hôpital {person}|Clinique {place}"),
        "school": listed("École {person}|Collège {person}|Crèche {place}"),
        "campus": listed(
            "Faculté des sciences|Institut {person}|Bibliothèque {person}|Amphi {person}"
        ),
        "dormitory": listed("Résidence {person}|Cité universitaire {person}"),
        "worship": listed("Église {place}|Chapelle {place}|Mosquée {place}"),
        "office": listed("Mairie {place}|Trésor public {place}|Préfecture {place}"),
        "company": listed(
            "{person} SARL|{person} et {other} SA|{person} Conseil|Systèmes {person}|"
            "Assurances {person}|Médias {place}"
        ),
        "partners": listed("Cabinet {person}|Maître {person}|Étude {person}"),
        "works": listed("Usine {person}|Aciéries {person}|Plastiques {person}|Imprimerie {person}"),
        "depot": listed("Transports {person}|Entrepôt {place}|Logistique {person}"),
        "fuel": listed("Station {place}|Relais {place}"),
        "parking": listed("Parking {place}|Garage {place}"),
        "station": listed("Gare {place}|Halte {person}|{person}"),
        "stop": listed("{person}|Place {person}|Pont {place}"),
        "park": listed("Parc {person}|Jardin {place}|Square {person}"),
        "playground": listed("Aire de jeux {place}|Jardin d'enfants {person}"),
        "sport": listed("Stade {person}|Gymnase {place}|Salle {person}|Piscine {place}"),
        "farm": listed("Ferme {person}|Domaine {place}"),
        "pharmacy": listed("Pharmacie {place}|Pharmacie {person}"),
        "doctor": listed("Cabinet {person}|Dr {person}|Centre médical {place}"),
        "dentist": listed("Dentiste {person}|Cabinet dentaire {place}"),
        "electronics": listed("Électro {person}|Électronique {place}"),
        "phones": listed("Téléphonie {place}|Mobile {thing}"),
        "furniture": listed("Meubles {person}|Cuisines {person}|Literie {place}"),
        "clothes": listed("Maison {person}|Atelier {person}|Le Fil {thing}|Mode {place}"),
        "shoes": listed("Chaussures {person}|Le Soulier {thing}"),
        "insurer": listed("Assurances {person}|Mutuelle {place}"),
        "joiner": listed("Menuiserie {person}|Ébénisterie {person}"),
        "garage": listed("Garage {person}|Carrosserie {place}"),
    },
)
