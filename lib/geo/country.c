/* SPDX-License-Identifier: ISC
 * country.c - ISO 3166-1 codes, their English names and UTC offsets
 *
 * Beside the assigned codes: the reserved ones that address registries use
 * (AP, EU, UK, SU, AN, CS) and XK. The offsets are the smallest and the largest
 * in use anywhere in the country since 2000, daylight saving time included,
 * in minutes (IANA time zone database 2025): mail of the last years is read
 * with them, so what was abolished in between still counts.
 */
#include "mailsonde/geo.h"

/* Nobody lives there (BV, HM), or it is not one place (AP, EU): no clock. */
#define NO_OFFSET 1, 0

struct country {
	char code[3];
	const char *name;
	short from, to;
};

/* In the order of their codes. */
static const struct country countries[] = {
	{ "AD", "Andorra", 60, 120 },
	{ "AE", "United Arab Emirates", 240, 240 },
	{ "AF", "Afghanistan", 270, 270 },
	{ "AG", "Antigua and Barbuda", -240, -240 },
	{ "AI", "Anguilla", -240, -240 },
	{ "AL", "Albania", 60, 120 },
	{ "AM", "Armenia", 240, 300 },
	{ "AN", "Netherlands Antilles (former)", -240, -240 },
	{ "AO", "Angola", 60, 60 },
	{ "AP", "Asia/Pacific region", NO_OFFSET },
	{ "AQ", "Antarctica", -240, 780 },
	{ "AR", "Argentina", -240, -120 },
	{ "AS", "American Samoa", -660, -660 },
	{ "AT", "Austria", 60, 120 },
	{ "AU", "Australia", 480, 660 },
	{ "AW", "Aruba", -240, -240 },
	{ "AX", "Åland Islands", 120, 180 },
	{ "AZ", "Azerbaijan", 240, 300 },
	{ "BA", "Bosnia and Herzegovina", 60, 120 },
	{ "BB", "Barbados", -240, -240 },
	{ "BD", "Bangladesh", 360, 420 },
	{ "BE", "Belgium", 60, 120 },
	{ "BF", "Burkina Faso", 0, 0 },
	{ "BG", "Bulgaria", 120, 180 },
	{ "BH", "Bahrain", 180, 180 },
	{ "BI", "Burundi", 120, 120 },
	{ "BJ", "Benin", 60, 60 },
	{ "BL", "Saint Barthélemy", -240, -240 },
	{ "BM", "Bermuda", -240, -180 },
	{ "BN", "Brunei", 480, 480 },
	{ "BO", "Bolivia", -240, -240 },
	{ "BQ", "Bonaire, Sint Eustatius and Saba", -240, -240 },
	{ "BR", "Brazil", -300, -60 },
	{ "BS", "Bahamas", -300, -240 },
	{ "BT", "Bhutan", 360, 360 },
	{ "BV", "Bouvet Island", NO_OFFSET },
	{ "BW", "Botswana", 120, 120 },
	{ "BY", "Belarus", 120, 180 },
	{ "BZ", "Belize", -360, -360 },
	{ "CA", "Canada", -480, -150 },
	{ "CC", "Cocos (Keeling) Islands", 390, 390 },
	{ "CD", "Congo (Democratic Republic)", 60, 120 },
	{ "CF", "Central African Republic", 60, 60 },
	{ "CG", "Congo", 60, 60 },
	{ "CH", "Switzerland", 60, 120 },
	{ "CI", "Côte d'Ivoire", 0, 0 },
	{ "CK", "Cook Islands", -600, -600 },
	{ "CL", "Chile", -360, -180 },
	{ "CM", "Cameroon", 60, 60 },
	{ "CN", "China", 360, 480 },
	{ "CO", "Colombia", -300, -300 },
	{ "CR", "Costa Rica", -360, -360 },
	{ "CS", "Serbia and Montenegro (former)", 60, 120 },
	{ "CU", "Cuba", -300, -240 },
	{ "CV", "Cabo Verde", -60, -60 },
	{ "CW", "Curaçao", -240, -240 },
	{ "CX", "Christmas Island", 420, 420 },
	{ "CY", "Cyprus", 120, 180 },
	{ "CZ", "Czechia", 60, 120 },
	{ "DE", "Germany", 60, 120 },
	{ "DJ", "Djibouti", 180, 180 },
	{ "DK", "Denmark", 60, 120 },
	{ "DM", "Dominica", -240, -240 },
	{ "DO", "Dominican Republic", -300, -240 },
	{ "DZ", "Algeria", 60, 60 },
	{ "EC", "Ecuador", -360, -300 },
	{ "EE", "Estonia", 120, 180 },
	{ "EG", "Egypt", 120, 180 },
	{ "EH", "Western Sahara", 0, 60 },
	{ "ER", "Eritrea", 180, 180 },
	{ "ES", "Spain", 0, 120 },
	{ "ET", "Ethiopia", 180, 180 },
	{ "EU", "European Union", NO_OFFSET },
	{ "FI", "Finland", 120, 180 },
	{ "FJ", "Fiji", 720, 780 },
	{ "FK", "Falkland Islands", -240, -180 },
	{ "FM", "Micronesia", 600, 660 },
	{ "FO", "Faroe Islands", 0, 60 },
	{ "FR", "France", 60, 120 },
	{ "GA", "Gabon", 60, 60 },
	{ "GB", "United Kingdom", 0, 60 },
	{ "GD", "Grenada", -240, -240 },
	{ "GE", "Georgia", 180, 300 },
	{ "GF", "French Guiana", -180, -180 },
	{ "GG", "Guernsey", 0, 60 },
	{ "GH", "Ghana", 0, 0 },
	{ "GI", "Gibraltar", 60, 120 },
	{ "GL", "Greenland", -240, 0 },
	{ "GM", "Gambia", 0, 0 },
	{ "GN", "Guinea", 0, 0 },
	{ "GP", "Guadeloupe", -240, -240 },
	{ "GQ", "Equatorial Guinea", 60, 60 },
	{ "GR", "Greece", 120, 180 },
	{ "GS", "South Georgia and the South Sandwich Islands", -120, -120 },
	{ "GT", "Guatemala", -360, -300 },
	{ "GU", "Guam", 600, 600 },
	{ "GW", "Guinea-Bissau", 0, 0 },
	{ "GY", "Guyana", -240, -240 },
	{ "HK", "Hong Kong", 480, 480 },
	{ "HM", "Heard Island and McDonald Islands", NO_OFFSET },
	{ "HN", "Honduras", -360, -300 },
	{ "HR", "Croatia", 60, 120 },
	{ "HT", "Haiti", -300, -240 },
	{ "HU", "Hungary", 60, 120 },
	{ "ID", "Indonesia", 420, 540 },
	{ "IE", "Ireland", 0, 60 },
	{ "IL", "Israel", 120, 180 },
	{ "IM", "Isle of Man", 0, 60 },
	{ "IN", "India", 330, 330 },
	{ "IO", "British Indian Ocean Territory", 360, 360 },
	{ "IQ", "Iraq", 180, 240 },
	{ "IR", "Iran", 210, 270 },
	{ "IS", "Iceland", 0, 0 },
	{ "IT", "Italy", 60, 120 },
	{ "JE", "Jersey", 0, 60 },
	{ "JM", "Jamaica", -300, -300 },
	{ "JO", "Jordan", 120, 180 },
	{ "JP", "Japan", 540, 540 },
	{ "KE", "Kenya", 180, 180 },
	{ "KG", "Kyrgyzstan", 300, 360 },
	{ "KH", "Cambodia", 420, 420 },
	{ "KI", "Kiribati", 720, 840 },
	{ "KM", "Comoros", 180, 180 },
	{ "KN", "Saint Kitts and Nevis", -240, -240 },
	{ "KP", "North Korea", 510, 540 },
	{ "KR", "South Korea", 540, 540 },
	{ "KW", "Kuwait", 180, 180 },
	{ "KY", "Cayman Islands", -300, -300 },
	{ "KZ", "Kazakhstan", 240, 420 },
	{ "LA", "Laos", 420, 420 },
	{ "LB", "Lebanon", 120, 180 },
	{ "LC", "Saint Lucia", -240, -240 },
	{ "LI", "Liechtenstein", 60, 120 },
	{ "LK", "Sri Lanka", 330, 360 },
	{ "LR", "Liberia", 0, 0 },
	{ "LS", "Lesotho", 120, 120 },
	{ "LT", "Lithuania", 120, 180 },
	{ "LU", "Luxembourg", 60, 120 },
	{ "LV", "Latvia", 120, 180 },
	{ "LY", "Libya", 60, 120 },
	{ "MA", "Morocco", 0, 60 },
	{ "MC", "Monaco", 60, 120 },
	{ "MD", "Moldova", 120, 180 },
	{ "ME", "Montenegro", 60, 120 },
	{ "MF", "Saint Martin (French part)", -240, -240 },
	{ "MG", "Madagascar", 180, 180 },
	{ "MH", "Marshall Islands", 720, 720 },
	{ "MK", "North Macedonia", 60, 120 },
	{ "ML", "Mali", 0, 0 },
	{ "MM", "Myanmar", 390, 390 },
	{ "MN", "Mongolia", 420, 540 },
	{ "MO", "Macao", 480, 480 },
	{ "MP", "Northern Mariana Islands", 600, 600 },
	{ "MQ", "Martinique", -240, -240 },
	{ "MR", "Mauritania", 0, 0 },
	{ "MS", "Montserrat", -240, -240 },
	{ "MT", "Malta", 60, 120 },
	{ "MU", "Mauritius", 240, 300 },
	{ "MV", "Maldives", 300, 300 },
	{ "MW", "Malawi", 120, 120 },
	{ "MX", "Mexico", -480, -300 },
	{ "MY", "Malaysia", 480, 480 },
	{ "MZ", "Mozambique", 120, 120 },
	{ "NA", "Namibia", 60, 120 },
	{ "NC", "New Caledonia", 660, 660 },
	{ "NE", "Niger", 60, 60 },
	{ "NF", "Norfolk Island", 660, 720 },
	{ "NG", "Nigeria", 60, 60 },
	{ "NI", "Nicaragua", -360, -300 },
	{ "NL", "Netherlands", 60, 120 },
	{ "NO", "Norway", 60, 120 },
	{ "NP", "Nepal", 345, 345 },
	{ "NR", "Nauru", 720, 720 },
	{ "NU", "Niue", -660, -660 },
	{ "NZ", "New Zealand", 720, 825 },
	{ "OM", "Oman", 240, 240 },
	{ "PA", "Panama", -300, -300 },
	{ "PE", "Peru", -300, -300 },
	{ "PF", "French Polynesia", -600, -540 },
	{ "PG", "Papua New Guinea", 600, 660 },
	{ "PH", "Philippines", 480, 480 },
	{ "PK", "Pakistan", 300, 360 },
	{ "PL", "Poland", 60, 120 },
	{ "PM", "Saint Pierre and Miquelon", -180, -120 },
	{ "PN", "Pitcairn", -480, -480 },
	{ "PR", "Puerto Rico", -240, -240 },
	{ "PS", "Palestine", 120, 180 },
	{ "PT", "Portugal", -60, 60 },
	{ "PW", "Palau", 540, 540 },
	{ "PY", "Paraguay", -240, -180 },
	{ "QA", "Qatar", 180, 180 },
	{ "RE", "Réunion", 240, 240 },
	{ "RO", "Romania", 120, 180 },
	{ "RS", "Serbia", 60, 120 },
	{ "RU", "Russia", 120, 780 },
	{ "RW", "Rwanda", 120, 120 },
	{ "SA", "Saudi Arabia", 180, 180 },
	{ "SB", "Solomon Islands", 660, 660 },
	{ "SC", "Seychelles", 240, 240 },
	{ "SD", "Sudan", 120, 180 },
	{ "SE", "Sweden", 60, 120 },
	{ "SG", "Singapore", 480, 480 },
	{ "SH", "Saint Helena, Ascension and Tristan da Cunha", 0, 0 },
	{ "SI", "Slovenia", 60, 120 },
	{ "SJ", "Svalbard and Jan Mayen", 60, 120 },
	{ "SK", "Slovakia", 60, 120 },
	{ "SL", "Sierra Leone", 0, 0 },
	{ "SM", "San Marino", 60, 120 },
	{ "SN", "Senegal", 0, 0 },
	{ "SO", "Somalia", 180, 180 },
	{ "SR", "Suriname", -180, -180 },
	{ "SS", "South Sudan", 120, 180 },
	{ "ST", "Sao Tome and Principe", 0, 60 },
	{ "SU", "Soviet Union (former)", 120, 780 },
	{ "SV", "El Salvador", -360, -360 },
	{ "SX", "Sint Maarten (Dutch part)", -240, -240 },
	{ "SY", "Syria", 120, 180 },
	{ "SZ", "Eswatini", 120, 120 },
	{ "TC", "Turks and Caicos Islands", -300, -240 },
	{ "TD", "Chad", 60, 60 },
	{ "TF", "French Southern Territories", 300, 300 },
	{ "TG", "Togo", 0, 0 },
	{ "TH", "Thailand", 420, 420 },
	{ "TJ", "Tajikistan", 300, 300 },
	{ "TK", "Tokelau", -660, 780 },
	{ "TL", "Timor-Leste", 480, 540 },
	{ "TM", "Turkmenistan", 300, 300 },
	{ "TN", "Tunisia", 60, 120 },
	{ "TO", "Tonga", 780, 840 },
	{ "TR", "Türkiye", 120, 180 },
	{ "TT", "Trinidad and Tobago", -240, -240 },
	{ "TV", "Tuvalu", 720, 720 },
	{ "TW", "Taiwan", 480, 480 },
	{ "TZ", "Tanzania", 180, 180 },
	{ "UA", "Ukraine", 120, 240 },
	{ "UG", "Uganda", 180, 180 },
	{ "UK", "United Kingdom", 0, 60 },
	{ "UM", "United States Minor Outlying Islands", -660, 720 },
	{ "US", "United States", -600, -240 },
	{ "UY", "Uruguay", -180, -120 },
	{ "UZ", "Uzbekistan", 300, 300 },
	{ "VA", "Vatican City", 60, 120 },
	{ "VC", "Saint Vincent and the Grenadines", -240, -240 },
	{ "VE", "Venezuela", -270, -240 },
	{ "VG", "British Virgin Islands", -240, -240 },
	{ "VI", "U.S. Virgin Islands", -240, -240 },
	{ "VN", "Vietnam", 420, 420 },
	{ "VU", "Vanuatu", 660, 660 },
	{ "WF", "Wallis and Futuna", 720, 720 },
	{ "WS", "Samoa", -660, 840 },
	{ "XK", "Kosovo", 60, 120 },
	{ "YE", "Yemen", 180, 180 },
	{ "YT", "Mayotte", 180, 180 },
	{ "ZA", "South Africa", 120, 120 },
	{ "ZM", "Zambia", 120, 120 },
	{ "ZW", "Zimbabwe", 120, 120 },
};
#define COUNTRIES (sizeof(countries) / sizeof(countries[0]))

static int
compare(const unsigned char code[2], const char *with)
{
	int first = code[0] - (unsigned char)with[0];

	return first ? first : code[1] - (unsigned char)with[1];
}

static const struct country *
find(struct ms_slice code)
{
	unsigned char upper[2];
	size_t low = 0, high = COUNTRIES;

	if (code.n != 2)
		return NULL;
	for (size_t i = 0; i < 2; i++) {
		upper[i] = code.p[i];
		if (upper[i] >= 'a' && upper[i] <= 'z')
			upper[i] = (unsigned char)(upper[i] - 32);
	}
	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = compare(upper, countries[middle].code);

		if (order == 0)
			return &countries[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

const char *
ms_country_name(struct ms_slice code)
{
	const struct country *country = find(code);

	return country ? country->name : NULL;
}

bool
ms_country_offsets(struct ms_slice code, int *from, int *to)
{
	const struct country *country = find(code);

	if (!country || country->from > country->to)
		return false;
	*from = country->from;
	*to = country->to;
	return true;
}
