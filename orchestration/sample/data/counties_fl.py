"""Florida's sixty-seven counties: code of the voter extract, FIPS suffix, name.

code | fips suffix | name | county seat | media region | voters in thousands | Democratic two-party per cent
"""

from __future__ import annotations

TABLE = """
ALA|001|Alachua|GAINESVILLE|Alachua|175|60
BAK|003|Baker|MACCLENNY|Duval|18|14
BAY|005|Bay|PANAMA CITY|Bay|125|26
BRA|007|Bradford|STARKE|Duval|17|22
BRE|009|Brevard|TITUSVILLE|Orange|455|40
BRO|011|Broward|FORT LAUDERDALE|Miami-Dade|1180|58
CAL|013|Calhoun|BLOUNTSTOWN|Bay|8|18
CHA|015|Charlotte|PUNTA GORDA|Lee|155|33
CIT|017|Citrus|INVERNESS|Hillsborough|120|28
CLA|019|Clay|GREEN COVE SPRINGS|Duval|165|30
CLL|021|Collier|NAPLES|Lee|260|33
CLM|023|Columbia|LAKE CITY|Duval|42|25
DAD|086|Miami-Dade|MIAMI|Miami-Dade|1450|44
DES|027|Desoto|ARCADIA|Lee|18|29
DIX|029|Dixie|CROSS CITY|Alachua|10|15
DUV|031|Duval|JACKSONVILLE|Duval|640|49
ESC|033|Escambia|PENSACOLA|Escambia|220|40
FLA|035|Flagler|BUNNELL|Orange|100|36
FRA|037|Franklin|APALACHICOLA|Leon|8|29
GAD|039|Gadsden|QUINCY|Leon|29|66
GIL|041|Gilchrist|TRENTON|Alachua|13|16
GLA|043|Glades|MOORE HAVEN|Lee|7|24
GUL|045|Gulf|PORT ST JOE|Bay|11|23
HAM|047|Hamilton|JASPER|Leon|8|31
HAR|049|Hardee|WAUCHULA|Hillsborough|13|22
HEN|051|Hendry|LABELLE|Lee|20|31
HER|053|Hernando|BROOKSVILLE|Hillsborough|145|32
HIG|055|Highlands|SEBRING|Hillsborough|72|30
HIL|057|Hillsborough|TAMPA|Hillsborough|880|48
HOL|059|Holmes|BONIFAY|Bay|11|10
IND|061|Indian River|VERO BEACH|Palm Beach|120|36
JAC|063|Jackson|MARIANNA|Bay|27|28
JEF|065|Jefferson|MONTICELLO|Leon|10|39
LAF|067|Lafayette|MAYO|Leon|4|12
LAK|069|Lake|TAVARES|Orange|290|37
LEE|071|Lee|FORT MYERS|Lee|510|35
LEO|073|Leon|TALLAHASSEE|Leon|205|61
LEV|075|Levy|BRONSON|Alachua|30|27
LIB|077|Liberty|BRISTOL|Leon|4|17
MAD|079|Madison|MADISON|Leon|12|36
MAN|081|Manatee|BRADENTON|Hillsborough|280|38
MRN|083|Marion|OCALA|Orange|275|33
MRT|085|Martin|STUART|Palm Beach|120|34
MON|087|Monroe|KEY WEST|Miami-Dade|55|41
NAS|089|Nassau|FERNANDINA BEACH|Duval|76|27
OKA|091|Okaloosa|CRESTVIEW|Escambia|155|28
OKE|093|Okeechobee|OKEECHOBEE|Palm Beach|20|23
ORA|095|Orange|ORLANDO|Orange|830|57
OSC|097|Osceola|KISSIMMEE|Orange|240|49
PAL|099|Palm Beach|WEST PALM BEACH|Palm Beach|930|50
PAS|101|Pasco|DADE CITY|Hillsborough|390|37
PIN|103|Pinellas|CLEARWATER|Hillsborough|650|47
POL|105|Polk|BARTOW|Hillsborough|460|39
PUT|107|Putnam|PALATKA|Duval|46|25
SAN|113|Santa Rosa|MILTON|Escambia|150|24
SAR|115|Sarasota|SARASOTA|Hillsborough|340|41
SEM|117|Seminole|SANFORD|Orange|330|48
STJ|109|St. Johns|ST AUGUSTINE|Duval|240|34
STL|111|St. Lucie|FORT PIERCE|Palm Beach|240|45
SUM|119|Sumter|BUSHNELL|Orange|120|31
SUW|121|Suwannee|LIVE OAK|Leon|27|20
TAY|123|Taylor|PERRY|Leon|12|20
UNI|125|Union|LAKE BUTLER|Alachua|7|15
VOL|127|Volusia|DELAND|Orange|400|39
WAK|129|Wakulla|CRAWFORDVILLE|Leon|24|28
WAL|131|Walton|DEFUNIAK SPRINGS|Bay|66|20
WAS|133|Washington|CHIPLEY|Bay|16|17
"""
