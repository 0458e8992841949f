package browser

type Staff struct{ SignIn, Password string }
