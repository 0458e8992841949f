package matchtest

import "strings"

// people are the given and family names of one part of the population, the
// commoner first, and what share in a thousand it is.
type people struct {
	share       int
	boys, girls []string
	families    []string
}

func parts() []people {
	f := strings.Fields
	return []people{
		{640,
			f("Oliver George Harry Jack Noah Charlie Jacob Alfie Freddie Oscar Leo Theo Archie Logan Thomas James Joshua Henry William Max Lucas Ethan Arthur Mason Isaac Harrison Teddy Finley Daniel Riley Edward Joseph Alexander Adam Reggie Samuel Jaxon Sebastian Elijah Harley Toby Arlo Dylan Jude Benjamin Rory Tommy Jake Louis Carter Jenson Hugo Bobby Frankie Ollie Zachary David Albie Lewis Luca Ronnie Jackson Matthew Alex Harvey Reuben Jayden Caleb Hunter Theodore Nathan Blake Luke Elliot Roman Stanley Dexter Michael Elliott Tyler Ryan Ellis Finn Albert Kai Liam Louie Aaron Callum Connor Cameron Bradley Jamie Kieran Owen Rhys Gabriel Stephen Robert Christopher Andrew Peter Nicholas Anthony Jonathan Patrick Sean Aidan Declan Conor Euan Ewan Gethin Iwan Osian"),
			f("Olivia Amelia Isla Emily Ava Lily Mia Isabella Ella Sophia Grace Poppy Jessica Sophie Freya Evie Charlotte Daisy Alice Ivy Florence Sienna Willow Evelyn Ruby Rosie Millie Elsie Phoebe Sofia Emma Matilda Chloe Ellie Scarlett Isabelle Esme Eva Layla Maya Harriet Erin Imogen Lucy Molly Holly Lola Robyn Martha Maisie Eliza Bella Thea Jasmine Elizabeth Abigail Georgia Lottie Rose Amber Eleanor Violet Darcie Annabelle Hannah Summer Megan Amelie Zara Nancy Beatrice Bonnie Penelope Katie Bethany Lauren Leah Caitlin Rebecca Samantha Victoria Alexandra Catherine Margaret Jennifer Stephanie Natalie Nicole Rachel Sarah Laura Anna Niamh Aoife Ciara Orla Saoirse Seren Carys Ffion Eilidh Skye"),
			f("Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White Roberts Green Hall Wood Jackson Clarke Harris Lewis Clark Cooper King Turner Hill Ward Baker Moore Morris Cook Parker Lee Allen Watson Mitchell Harrison Bell Carter Phillips Shaw Young Adams Bennett Richardson Marshall Collins Ellis Webb Cox Davis Murphy Gray Foster Miller Knight Hughes Edwards Stevens Mason Lloyd Price Murray Graham Barnes Simpson Rogers Reynolds Kelly Palmer Stewart Holmes Powell Fisher Gibson Hunt Dixon Butler Mills Owen Barker Fox Day West Matthews Kennedy Chapman Pearson Harvey Byrne Doyle Gallagher Walsh Ryan Burke Nolan Fitzgerald MacDonald Campbell Reid Ross Cameron Fraser Sutherland Pritchard Bowen Griffiths Rees")},
		{110,
			f("Mohammed Muhammad Ali Ibrahim Yusuf Omar Hamza Ahmed Zayn Bilal Hassan Ismail Adam Abdullah Haris Zain Usman Imran Faisal Tariq Idris Musa Isa Khalid Aarav Arjun Rohan Krishan Dev Vikram Rahul Sanjay Jaspreet Gurpreet Manpreet Harpreet Amandeep"),
			f("Aisha Fatima Maryam Zainab Khadija Amina Hafsa Safa Iqra Zara Sumaya Laila Hana Noor Amira Alisha Priya Anjali Diya Neha Pooja Simran Jasleen Harleen Kiran Meera Riya Saira Nadia Mariam Sana Hira"),
			f("Khan Ahmed Ali Hussain Patel Singh Begum Kaur Shah Malik Iqbal Akhtar Mahmood Hussein Rahman Miah Chowdhury Uddin Islam Sharma Gill Dhillon Sandhu Bhatti Butt Mirza Qureshi Sheikh Rashid Aziz Kumar Mehta Desai Joshi Choudhury Bibi")},
		{60,
			f("Jakub Kacper Szymon Filip Antoni Mateusz Piotr Tomasz Krzysztof Wiktor Oskar Bartosz Oleksandr Dmytro Maksym Andrei Stefan Ionut Mihai Nikola"),
			f("Zuzanna Julia Maja Zofia Hanna Lena Alicja Maria Oliwia Natalia Aleksandra Katarzyna Weronika Wiktoria Anastasiia Daria Sofiia Andreea Elena Ioana"),
			f("Nowak Kowalski Wisniewski Wojcik Kowalczyk Kaminski Lewandowski Zielinski Szymanski Wozniak Dabrowski Kozlowski Jankowski Mazur Krawczyk Shevchenko Kovalenko Bondarenko Tkachenko Popescu Ionescu Popa Radu Dumitru")},
		{70,
			f("Abdi Mohamed Abdirahman Liban Guled Hassan Kwame Kofi Kwabena Ade Tunde Emeka Chidi Tobi Seun Femi Yaw Samuel Emmanuel David Daniel Joshua"),
			f("Fadumo Hodan Ayaan Ifrah Sagal Deqa Asha Amina Abena Akosua Ama Ngozi Chioma Funmi Temi Yewande Blessing Precious Grace Esther"),
			f("Mohamed Abdi Hassan Ali Warsame Farah Jama Omar Mensah Owusu Boateng Asante Appiah Okafor Okonkwo Adeyemi Adebayo Ogunleye Eze Nwosu Osei Addo Bangura Kamara")},
		{20,
			f("Wei Jun Ming Kai Hao Jason Kevin Ryan Lucas Ethan"),
			f("Mei Xin Ling Yan Hui Jessica Emily Chloe Grace Sophie"),
			f("Chen Wang Li Zhang Wong Chan Lam Leung Ng Cheung Liu Lin Huang Tang Nguyen Tran Pham")},
		{100, nil, nil, nil}, // the long tail, of made-up names
	}
}

func starts() []string {
	return strings.Fields("Ash Bram Cald Dun Elm Fern Gor Hazel Ink Jun Kel Lark Mos Nettle Oak Pen Quill Rud Sor Thist Whit Brad Had Lang Mar Nor Os Pem Rad Stan Tav Wal")
}

func middles() []string {
	return strings.Fields("a ber cott den er fel gar hol in ker len mor nor ol per ral sen ter ul wen")
}

func ends() []string {
	return strings.Fields("bank brook by combe croft dale field ford ham hurst ley low mead more ridge stead thorpe ton wick worth")
}

func streets() []string {
	return strings.Fields("Lantern Otter Thimble Marigold Kite Puddle Anvil Cobnut Teasel Weir Station Church Mill Park Victoria Albert Queens Kings Grange Manor School Chapel Orchard Meadow Elm Oak Birch Cedar Willow Poplar Hawthorn Rowan Holly Maple Beech Ash Chestnut Springfield Highfield Woodland Riverside Hillcrest Fairview Northfield Southview Westbourne Eastgate Castle Bridge Market Cross Moor Heath Common Green Cherry Primrose Bluebell Heather Foxglove Clover Fern Ivy Juniper Laurel Lavender Mulberry Nightingale Robin Swallow Skylark Heron Kingfisher Mallard Swan Falcon Osprey Merlin")
}

func wayNames() []string {
	return strings.Fields("Road Street Lane Avenue Close Drive Way Court Row Rise")
}

func towns() []string {
	return []string{"Northmere", "Little Wenning", "Marlbridge", "Saint Osric", "Fennick", "Great Tolling", "Harrowby Sands", "Quillham", "Oxendale", "Brackwater"}
}
