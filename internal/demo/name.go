package demo

import (
	"math/rand/v2"
	"strings"
)

// people is one of the many origins of the young people of an English town:
// given and family names that are ordinary there, and the ethnic code that
// somebody of it is likely to give. Names are drawn apart and put together by
// chance, so whoever comes out is nobody.
type people struct {
	// share is how many in a thousand.
	share             int
	ethnicities       string
	girls, boys, kins string
	// middle is how many in a hundred have a middle name.
	middle int
}

func origins() []people {
	return []people{
		{share: 640, ethnicities: "WBRI WBRI WBRI WBRI WBRI WBRI WBRI WBRI WBRI WBRI WBRI WBRI WBRI WBRI MWBC MWAS MOTH", middle: 70,
			girls: "Abigail Alice Amber Amelia Amy Anna Ava Bethany Brooke Charlotte Chloe Daisy Darcey Eleanor Eliza Ella Ellie Elsie Emily Emma Erin Esme Eva Evie Faith Fern Florence Freya Georgia Grace Gracie Hannah Harriet Heidi Hollie Holly Imogen Isabel Isabella Isla Ivy Jasmine Jessica Keira Lacey Lauren Layla Leah Lexi Libby Lily Lola Lottie Lucy Lydia Maddison Maisie Martha Matilda Megan Mia Millie Molly Morgan Niamh Olivia Paige Phoebe Poppy Rebecca Robyn Rose Rosie Ruby Ruth Sarah Scarlett Sienna Skye Sophia Sophie Summer Tabitha Tegan Thea Tilly Willow Zara Zoe",
			boys:  "Aaron Adam Aidan Albert Alex Alfie Archie Arthur Ashton Bailey Ben Benjamin Bobby Bradley Callum Cameron Charlie Christopher Connor Corey Daniel David Declan Dexter Dylan Edward Elliot Ethan Evan Ewan Felix Finlay Finley Frankie Frederick Freddie George Harley Harrison Harry Harvey Henry Hugo Isaac Jack Jacob Jake James Jamie Jay Jenson Joel John Joseph Joshua Jude Kai Kian Kieran Leo Leon Lewis Liam Logan Louie Louis Luca Lucas Luke Matthew Max Michael Miles Nathan Noah Oliver Ollie Oscar Owen Patrick Peter Ralph Reece Reuben Rhys Riley Robert Ronnie Rory Rowan Ryan Samuel Sebastian Sonny Stanley Taylor Theo Thomas Toby Tyler William Zachary",
			kins:  "Adams Alderson Allcock Andrews Appleyard Ashworth Atkin Bagshaw Bainbridge Barker Barlow Barnett Barraclough Beckett Bell Birtwistle Blackwell Bolton Booth Bradshaw Bramley Brierley Brook Brown Buckley Burrows Butterworth Carter Chadwick Chapman Clarke Clegg Clough Coates Cookson Cooper Cox Crabtree Croft Cropper Dale Davies Dawson Dearden Dixon Dobson Dodd Drury Duckworth Dunn Eastwood Eccles Edwards Ellis Entwistle Evans Fairhurst Farrow Fearnley Fielding Finch Fletcher Foster Foxcroft Garside Gibson Gill Goodwin Graham Gray Green Greenhalgh Griffiths Hadfield Hague Haigh Halliwell Hammond Hardcastle Hargreaves Harper Harris Hartley Haslam Heaton Hebden Hepworth Hesketh Heywood Higson Hill Hodgson Holden Holt Horrocks Howarth Hughes Hunt Hurst Ingham Jackson Jagger James Jenkins Johnson Jones Kay Kaye Kershaw King Kirkham Knowles Lacey Lamb Lawson Leach Lee Lewis Lindley Livesey Lloyd Lomax Longworth Lord Lowe Lumb Marsden Marsh Mason Mather Mellor Metcalfe Midgley Mills Mitchell Moore Morgan Morris Moss Naylor Nuttall Ogden Oldfield Openshaw Ormerod Owen Parker Parkin Peel Pickles Pilkington Platt Pollard Poole Potter Preston Price Proctor Radcliffe Ramsbottom Rawson Redfern Reynolds Rhodes Richardson Rigby Riley Roberts Robinson Rothwell Rushton Ryder Sagar Salt Schofield Seddon Shackleton Sharples Shaw Shepherd Simpson Slater Smith Stansfield Stott Sugden Sutcliffe Swift Taylor Tattersall Thorpe Thornton Tomlinson Townsend Turner Unsworth Varley Waddington Walker Walmsley Walsh Walton Ward Warburton Watson Webster Whalley Wheeler White Whitehead Whittaker Wilkinson Williams Wilson Winterbottom Wolstenholme Wood Woodhead Wright Yates"},
		{share: 35, ethnicities: "WIRI WBRI WBRI", middle: 60,
			girls: "Aisling Aoife Bláthnaid Caoimhe Ciara Clodagh Éabha Eimear Gráinne Maeve Muireann Niamh Nuala Orla Róisín Sadhbh Saoirse Sinéad Sorcha Úna",
			boys:  "Cathal Cian Ciarán Cillian Conall Cormac Dáithí Darragh Eoin Fiachra Fionn Lorcan Oisín Pádraig Rónán Ruairí Seán Senan Tadhg Tiernan",
			kins:  "O'Brien O'Callaghan O'Connor O'Donnell O'Dowd O'Hara O'Keeffe O'Malley O'Neill O'Reilly O'Shea O'Sullivan Byrne Doyle Gallagher Kavanagh Keane Mac@an@tSaoi McCarthy McDonagh McGrath McLoughlin Nolan Quinn Sweeney"},
		{share: 10, ethnicities: "WROM", middle: 40,
			girls: "Bridget Chantelle Cheyenne Kathleen Lavinia Margaret Mary-Ann Montana Rosie Savannah Shanice Winifred",
			boys:  "Amos Bernard Felix Hughie Jimmy-Joe Johnny Levi Martin Miley Nelson Patrick Simey Willie",
			kins:  "Boswell Cash Connors Delaney Doran Fury Joyce Loveridge Maughan McGinley Penfold Price Stokes Varey Ward Wentworth"},
		{share: 50, ethnicities: "APKN APKN APKN APKN MWAS", middle: 15,
			girls: "Aaliyah Aisha Alishba Amna Areeba Fatima Hafsa Haleema Hania Iqra Kinza Laiba Maryam Mishal Rida Saba Sumaiya Zainab Zoya Zunairah",
			boys:  "Abdullah Ahmed Ali Bilal Danyal Eesa Faizan Haider Hamza Haris Hassan Ibrahim Ismail Mohammed Muhammad Mustafa Rayyan Saad Umar Usman Yusuf Zain",
			kins:  "Ahmad Akhtar Anwar Ashraf Aslam Aziz Bashir Begum Bhatti Butt Chaudhry Dar Hussain Iqbal Javed Khan Mahmood Malik Mirza Mughal Nawaz Qureshi Raja Rashid Saeed Shah Sheikh Siddiqui Tariq Yousaf Zaman"},
		{share: 35, ethnicities: "AIND AIND AIND AIND MWAS", middle: 20,
			girls: "Aanya Anjali Ananya Asha Diya Gurleen Harleen Isha Jasleen Kavya Khushi Manpreet Meera Navya Nisha Pooja Prisha Riya Saanvi Simran Tanvi",
			boys:  "Aarav Aditya Arjun Arnav Dev Gurpreet Harjot Ishaan Jaspreet Karan Kiran Krishna Manvir Nikhil Pranav Raj Rohan Sahil Shiv Vihaan Yuvraj",
			kins:  "Agarwal Bains Bhatt Chauhan Dhillon Desai Gandhi Gill Grewal Iyer Joshi Kaur Krishnan Kumar Mehta Mistry Nair Pandya Parmar Patel Rao Reddy Sandhu Sharma Sidhu Singh Solanki Venkataraman"},
		{share: 18, ethnicities: "ABAN", middle: 20,
			girls: "Afsana Anika Farhana Jannat Jasmin Maisha Mahima Nabila Nusrat Rahima Sabiha Sadia Tahmina Tasnim",
			boys:  "Adnan Ashraful Fahim Imran Jubair Kamrul Mahin Nayeem Rafi Rakib Sabbir Shafi Tanvir Zakaria",
			kins:  "Ahmed Alam Ali Begum Chowdhury Hasan Haque Islam Kabir Khatun Miah Rahman Sultana Talukdar Uddin Ullah"},
		{share: 52, ethnicities: "WOTH", middle: 35,
			girls: "Agnieszka Alicja Amelia Daria Emilia Gabija Ieva Ioana Iulia Julia Kinga Lena Maja Maria Martyna Natalia Nikola Oliwia Patrycja Roksana Sofiya Wiktoria Zlata Zofia Zuzanna",
			boys:  "Adrian Aleksander Andrei Antoni Bartosz Bogdan Dawid Dominik Filip Igor Jakub Kacper Łukasz Maksym Marcel Mateusz Matei Michał Mikołaj Nikodem Oskar Oleksandr Piotr Stanisław Szymon Tymon Vlad Wojciech",
			kins:  "Adamczyk Bąk Bondarenko Constantinescu Dąbrowski Dumitru Gajewski Ionescu Jabłoński Jankauskas Kaczmarek Kamiński Kazlauskas Kovalenko Kowalczyk Kozłowski Kravchenko Lewandowicz Majewski Mazur Moldovan Nowak Pawłowski Petrauskas Popa Radu Rutkowski Shevchuk Sikora Stan Szczepański Tkachenko Wiśniewska Wójcik Zając Zieliński Żukowski"},
		{share: 22, ethnicities: "WOTH WOTH WOTH OOTH", middle: 45,
			girls: "Ana Beatriz Carolina Catarina Defne Ecrin Elif Giulia Inês Irene Leonor Lucía Margarida Mariana Noemí Sofia Valentina Zehra",
			boys:  "Afonso Ali Baran Berat Diogo Emir Enzo Gonçalo Iker João Kaan Lorenzo Martim Mateo Rodrigo Rüzgar Tiago Vicente",
			kins:  "Alves Arslan Carvalho Çelik Costa da@Silva de@Oliveira Demir dos@Santos Esposito Fernandes García Gonçalves Kaya Korkmaz López Martínez Moreira Nascimento Özdemir Pereira Ribeiro Rodrigues Romano Yıldız"},
		{share: 38, ethnicities: "BAFR BAFR BAFR BBRI MWBA", middle: 65,
			girls: "Abena Adaeze Adunni Akosua Amara Chiamaka Chidinma Damilola Ebele Efua Folasade Grace Ifeoma Mercy Ngozi Nkechi Oluwaseun Temitope Tiwa Yaa",
			boys:  "Ayodele Babatunde Chidi Chukwuemeka Ebuka Emeka Femi Ikenna Joshua Kofi Kwabena Kwame Nana Obinna Oluwadamilola Olumide Tobi Tochukwu Tunde Yaw",
			kins:  "Abiola Acheampong Adebayo Adeyemi Afolabi Agyeman Akinola Amoah Ansah Appiah Balogun Boateng Chukwu Danso Eze Iroegbu Mensah Nwosu Obi Ogunleye Okafor Okonkwo Okoro Olatunji Onyekachi Osei Owusu Ugwu Uzor"},
		{share: 22, ethnicities: "BAFR BAFR BAFR BBRI", middle: 35,
			girls: "Amal Asha Ayaan Bilan Deqa Fadumo Hamdi Hibaq Hodan Idil Ikran Ilhan Khadija Ladan Nasra Rahma Sagal Selam Ubah Winta",
			boys:  "Abdi Abdirahman Abel Ayanle Bilal Dahir Farah Guled Idris Jibril Liban Mahad Natnael Robel Sharmarke Suleiman Warsame Yonas Zakariya",
			kins:  "Abdi Abdullahi Adan Ali Araya Barre Dirie Duale Elmi Farah Gebremedhin Haile Hassan Hersi Hirsi Ismail Jama Mohamud Nur Omar Osman Roble Tesfay Warsame Yusuf"},
		{share: 22, ethnicities: "BCRB BCRB BBRI MWBC MWBC", middle: 65,
			girls: "Aaliyah Alesha Cherelle Destiny Gabrielle Jada Janae Kezia Leilani Naomi Nevaeh Renee Shanelle Simone Tiana Zariah",
			boys:  "Andre Antoine Curtis Dante Darnell Isaiah Jaheim Jermaine Kymani Malachi Marcus Nathaniel Omari Shaquille Tyrell Zion",
			kins:  "Bailey Barrett Bent Blake Campbell Clarke Cunningham Dacosta Ferguson Francis Gayle Gordon Grant Henry Lindo McKenzie Morrison Palmer Pinnock Powell Samuels Thompson Wedderburn Williams"},
		{share: 12, ethnicities: "CHNE", middle: 30,
			girls: "Bo Chloe Hei-Yi Jiayi Ka-Yan Lok-Yi Mei Ming Ning Siu-Ling Suki Tsz-Ching Wing Xin Yan Yi",
			boys:  "Chun Hao Ho-Yin Jun Ka-Ho Kin Lok-Hin Marcus Tsz-Hin Wai Wing Xiang Yat Yu Zhi Zihao",
			kins:  "Au Chan Chen Cheung Chow Fung Ho Huang Kwok Lam Lau Leung Li Lin Liu Ng Tang Tsang Wang Wong Wu Xu Yip Zhang Zhou"},
		{share: 30, ethnicities: "OARA OARA OARA OOTH", middle: 25,
			girls: "Amal Aya Dania Farah Hanan Jana Joud Lana Layan Leen Lubna Malak Maryam Nour Rana Rawan Roza Salma Shilan Tala Yasmin",
			boys:  "Adel Ahmad Amir Anas Aram Bassel Faris Hadi Hassan Jamal Karim Khalid Mahmoud Omar Rawand Saif Samir Tariq Yahya Yousef Ziad",
			kins:  "Abbas Abdel-Rahman Aziz al-Hashimi al-Masri al-Najjar Barakat Darwish Fayad Ghanem Haddad Hamdan Ibrahim Jaber Karimi Khalil Mansour Nasser Qasim Rahimi Rostami Saleh Salih Shaheen Suleiman Tawfiq Zaki"},
		{share: 14, ethnicities: "AOTH", middle: 40,
			girls: "Althea Angelica Bích Hoa Jasmine Linh Mai Maricel Nayeli Nhi Priscilla Rhea Sajana Sunita Thảo Trang",
			boys:  "Anh Bao Bishal Duc Gabriel Huy Jericho Joaquin Khoa Minh Nischal Paolo Quan Rajan Sujan Tuan",
			kins:  "Aquino Bautista Bui de@la@Cruz Dinh Gurung Hoang Le Limbu Magar Nguyen Pham Rai Ramos Reyes Shrestha Sivakumaran Tamang Tran Villanueva Vo"},
	}
}

// namer draws names.
type namer struct {
	origins []drawn
	total   int
}

type drawn struct {
	people
	girls, boys, kins, ethnicities []string
}

func newNamer() *namer {
	n := &namer{}
	for _, o := range origins() {
		n.origins = append(n.origins, drawn{people: o, girls: list(o.girls), boys: list(o.boys), kins: list(o.kins), ethnicities: list(o.ethnicities)})
		n.total += o.share
	}
	return n
}

// list splits a row of names; @ stands for a space inside one.
func list(s string) []string {
	out := strings.Fields(s)
	for i := range out {
		out[i] = strings.ReplaceAll(out[i], "@", " ")
	}
	return out
}

func (n *namer) origin(r *rand.Rand) *drawn {
	at := r.IntN(n.total)
	for i := range n.origins {
		if at -= n.origins[i].share; at < 0 {
			return &n.origins[i]
		}
	}
	return &n.origins[0]
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func chance(r *rand.Rand, p float64) bool { return r.Float64() < p }

// given is a given name; now and then two joined, and seldom a single letter.
func (o *drawn) given(r *rand.Rand, gender string) string {
	from := o.boys
	if gender == "F" || gender != "M" && chance(r, 0.5) {
		from = o.girls
	}
	switch x := r.IntN(2000); {
	case x == 0:
		return pick(r, from)[:1] // a family that goes by an initial
	case x < 30 && gender == "F":
		return pick(r, from) + "-" + pick(r, []string{"Mae", "Rose", "Leigh", "Grace", "Louise", "Jo"})
	}
	return pick(r, from)
}

// family is a family name: some are double-barrelled, some names of two
// origins.
func (n *namer) family(r *rand.Rand, o *drawn) string {
	name := pick(r, o.kins)
	switch x := r.IntN(1000); {
	case x < 28:
		if other := pick(r, o.kins); other != name {
			return name + "-" + other
		}
	case x < 38:
		return name + "-" + pick(r, n.origin(r).kins)
	}
	return name
}

func (o *drawn) middleName(r *rand.Rand, gender string) string {
	if r.IntN(100) >= o.middle {
		return ""
	}
	name := o.given(r, gender)
	if chance(r, 0.08) {
		name += " " + o.given(r, gender)
	}
	return name
}
