"""English words for made-up names of a simulated town."""

from netspatial.simulate.names import Words, listed

WORDS = Words(
    people=listed(
        "Ashford|Barlow|Carver|Dunmore|Ellery|Fenwick|Garland|Hollis|Irving|Jessop|Kendrick|"
        "Lockwood|Marlow|Norwood|Osborne|Prescott|Quigley|Radley|Sutton|Thorpe|Upton|Vance|"
        "Whitby|Yardley|Patel|Okafor|Nguyen|Rossi|Kowalski|Haddad"
    ),
    places=listed(
        "Northgate|Riverside|Old Town|Westfield|Harbour|Eastway|Millbrook|Park Lane|Central|"
        "Southbank|Hillcrest|Kingsway|Abbey|Queensbridge|Foundry|Highfield|Brookside|St Anne's"
    ),
    things=listed(
        "Golden|Blue|Copper|Green|Little|Silver|Red|Wild|Quiet|Crooked|Amber|Urban|Lucky|Royal|"
        "Salty|Velvet|Brave|Humble"
    ),
    forms={
        "eat": listed(
            "{person}'s Kitchen|The {thing} Table|{thing} Lantern|Trattoria {person}|{thing} Wok|"
            "Curry House {place}|The {thing} Fork|{person} & Sons Grill|Noodle Bar {place}"
        ),
        "cafe": listed(
            "{thing} Bean|Café {person}|{place} Coffee|The {thing} Cup|{person}'s Tea Room|"
            "{thing} Roastery"
        ),
        "snack": listed(
            "{thing} Burger|{place} Kebab|Pizza {person}|{thing} Chicken|{person}'s Fish & Chips"
        ),
        "bar": listed(
            "The {thing} Fox|The {thing} Anchor|{person}'s Arms|The {place} Tap|{thing} Barrel|"
            "The {thing} Stag"
        ),
        "club": listed("Club {thing}|{place} Underground|Studio {person}|The {thing} Room"),
        "screen": listed("{place} Playhouse|The {thing} Screen|{person} Theatre|Odeum {place}"),
        "museum": listed("Museum of {place}|{person} Gallery|{place} House"),
        "hotel": listed("Hotel {person}|The {thing} Lodge|{place} Hotel|{person} House"),
        "grocer": listed("{person}'s Foods|{place} Stores|{thing} Basket|Corner Shop {person}"),
        "baker": listed("{person}'s Bakery|{thing} Crust|The {place} Oven"),
        "hair": listed("{person} Hair|The {thing} Scissors|Salon {person}|{place} Barbers"),
        "mall": listed("{place} Centre|{person} Arcade|{place} Galleries"),
        "bank": listed("{place} Bank|{person} Savings|Union Bank {place}"),
        "hospital": listed("{place} General Hospital|{person} Infirmary"),
        "school": listed("{place} Primary School|{person} Academy|{thing} Steps Nursery"),
        "campus": listed("Faculty of Science|School of Engineering|{person} Library|{person} Hall"),
        "dormitory": listed("{person} Hall|{place} Residence"),
        "worship": listed("St {person}'s|{place} Chapel|{place} Mosque|{person} Synagogue"),
        "office": listed("{place} Council Offices|Office for {place} Affairs|Tax Office {place}"),
        "company": listed(
            "{person} Consulting|{person} & {other} Ltd|{thing} Systems|{place} Analytics|"
            "{person} Insurance|{thing} Media"
        ),
        "partners": listed("{person} {other} LLP|{person} Solicitors|{person} Chambers"),
        "works": listed("{person} Works|{place} Steel|{thing} Packaging|{person} Plastics"),
        "depot": listed("{place} Logistics|{person} Freight|{thing} Storage"),
        "fuel": listed("{thing} Fuel|{place} Filling Station"),
        "parking": listed("{place} Car Park|{person} Street Parking"),
        "station": listed("{place} Station|{place} Parkway|{person} Street"),
        "stop": listed("{place}|{person} Street|{place} Corner"),
        "park": listed("{place} Park|{person} Gardens|{thing} Meadow"),
        "playground": listed("{place} Playground|{thing} Frog Playground"),
        "sport": listed("{place} Sports Ground|{thing} Gym|{person} Arena|{place} Fitness"),
        "farm": listed("{person} Farm|{place} Farm"),
        "pharmacy": listed("{place} Pharmacy|{person} Chemists|{thing} Cross Pharmacy"),
        "doctor": listed("Dr {person}|{place} Surgery|{person} Practice"),
        "dentist": listed("{person} Dental|{place} Dental Care|{thing} Smile"),
        "electronics": listed("{person} Electrical|{place} Electronics|{thing} Circuit"),
        "phones": listed("{place} Phones|{thing} Mobile|{person} Repairs"),
        "furniture": listed("{person} Interiors|{thing} Home|{place} Beds"),
        "clothes": listed(
            "{person} & Co|{thing} Thread|Boutique {person}|{thing} Wardrobe|{person} Tailors"
        ),
        "shoes": listed("{person} Shoes|{thing} Sole|{place} Footwear"),
        "insurer": listed("{person} Insurance|{place} Mutual|{thing} Shield Cover"),
        "joiner": listed("{person} Joinery|{person} & Daughter Carpenters"),
        "garage": listed("{person} Motors|{place} Garage|{thing} Wheel"),
    },
)
