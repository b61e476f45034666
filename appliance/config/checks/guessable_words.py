"""Words that guessers put together: a table for checks/guessing.py.

PURE. Lower case, Russian words in Cyrillic and as people write them in Latin letters. Names, things
of the office and the telephone, makers of phones and phone systems, months, seasons, places.
"""

from __future__ import annotations

WORDS: frozenset[str] = frozenset(
    """
    abc abcd abonent access account admin administrator adminka agent aladdin alice alpha amazon
    amigo analog android angel anna anonymous apple april asterisk atc auth august aurora avaya
    baby backup bank base beeline berlin beta billing bitrix black blue boss box bravo buh
    buhgalter business call callcenter caller camera center centr central change changeme chief
    cisco client cloud club code com company comp computer conf config connect consul contact
    control copy corp crm daemon data database dec december default delta demo desk dev device dial
    digium director dlink dog domain door dozvon dragon easy echo elastix email employee english
    enter error ethernet euro eval exchange ext extension fanvil fax feb february firma first
    flower football forum four fraud free freedom freepbx freeswitch friday friend front ftp fusion
    fusionpbx gamma gate gateway general ghost gigaset god gold google grand grandstream green
    group guest hacker hallo hello help here hold home hotel house hunter ibm incoming info inet
    inside internal internet invite ios iphone issabel italy jan january join july june kamailio
    key king kitchen lan lady laptop letmein light line linksys linux lobby local localhost lock
    login london love lucky magic mail main manager march mark master matrix megafon micro
    microsoft mikopbx mikrotik mitel mobile modem monday money monitor monkey moscow mts name net
    network new nimda nobody nokia nopass nopassword north nov november null number oct october
    office old omega one open opensips operator orange order outbound page panasonic pass
    passphrase passwd password paper partner pbx peer peter phone pin pink please plus polycom
    portal power pro provider proxy public pwd qwe qwer qwert qwerty radio random ready reception
    red redhat register registrar reset rest ring robot rocket room root router rtp russia russian
    sale sales samsung sangoma saturday say scan school sec second secret secretary secure security
    sept september server service setup seven shadow shop sip siemens simple sites six skype smart
    snom soft softphone solo sos sound south spa space speed spring staff star start station stop
    store strong student summer sun sunday super superman superuser supervisor support surprise
    swordfish sync sys system talk tech technician tel tele telecom telefon telefonia telekom
    telephone telephony temp ten terminal test tester testing the thomas three thursday tiger time
    today toor top total trade train trial trixbox trunk trust tuesday two unify unknown user
    username utel vega version video vip virtual vodafone voice voicemail voip vpn warehouse water
    wave web webmaster wednesday welcome west white wifi wild win windows winter wolf word words
    work world wow xorcom yealink yes you your zadarma zero zone zoom and for with our are

    alex alexander alexandra alexey alexei alena alina alla anastasia anatoly andrew andrey andrei
    angela anton arina artem artur boris christina daniel danila daria dasha david denis diana dima
    dmitri dmitriy dmitry egor ekaterina elena eva evgeny evgeniy fedor galina george georgy gleb
    grigory igor ilya inna ira irina ivan ivanov jack james jane jennifer jessica john jordan
    joseph julia kate katya kirill konstantin ksenia kuznetsov larisa lena leonid lisa lucas
    ludmila lyuda mary max maxim maria marina masha michael mike mikhail misha nadya natalia
    natasha nastya nicole nika nikita nikolay nina oksana oleg olga olya pasha pavel petr petrov
    petya polina popov robert roman ruslan ryan sam sarah sasha sergey sergei sidorov slava smirnov
    sofia stanislav stepan sveta svetlana tanya tatiana tatyana timur tolya vadim valentina valera
    valery vanya vasya vera victor victoria vika viktor vitaly vlad vladimir vladislav volodya vova
    yana yulia yuri yuriy zhenya zoya

    beograd chelyabinsk ekaterinburg kazan kiev krasnodar krasnoyarsk minsk moskva nsk omsk paris
    perm piter rostov rossia rossiya samara sochi spb spartak stalker sibir tula ufa ural zenit
    novosibirsk saratov tomsk tver tyumen volgograd voronezh newyork chicago boston texas
    california dallas

    avto babushka bereza bob buket den dengi devochka direktor dom domik druzhba finans gorod hleb
    indigo kabinet kadry karandash kiska klient kliuch knopka kofe komanda kompania kompaniya
    koshka kot kotik krasota krolik kuhnya kvartira leto lubov lubimaya ludi lyubov magazin malina
    malysh mama medved menedzher mesto mir mishka morkovka more moy moya nachalnik narod noch nomer
    novy novyi odin ofis ohrana oplata otdel ozero papa parol pochta podarok pomidor pozvoni privet
    priemnaya prodazhi producty raz rabota rabotnik reklama rinok rodina roza russkiy samolet sbyt
    schet sekret sekretar semya skidka sklad slon smena snab sneg sobaka solnce solnyshko sosna
    sport stol stroika studia svyaz telefonist teremok trubka tri uspeh vasilek vesna vhod vodka
    volk vrach vremya yagoda zakaz zaya zayka zavod zdravstvuy zima zolotoy zvezda zvonok zvonki

    абонент август админ администратор александр алексей алена анастасия андрей анна антон апрель
    аптека артем атс бабушка банк белый больница борис брат бухгалтер вадим ваня вася весна вечер
    вика виктор владимир вода водитель волга воля воронеж воскресенье вторник вход глеб город
    гостиница григорий дарья дверь девочка дедушка декабрь денис деньги диана дима директор дмитрий
    добро доктор дом дочь дракон друг евгений екатерина екатеринбург елена жена женя жизнь зайка
    заказ звезда звонок здравствуй зеленый земля зима золото иван игорь институт июль июнь кабинет
    кавказ казань катя кафе кирилл ключ книга коля котенок кошка краснодар красный крым ксения лена
    лето лиза линия луна люблю любовь магазин максим малышка мальчик мама марина мария март маша
    машина менеджер михаил мой молоко москва муж настя наташа начальник небо никита николай
    новосибирск номер ночь ноябрь общий огонь один окно октябрь олег олеся ольга омск осень отдел
    офис охрана павел папа пароль пермь петр петя питер победа пожалуйста полина понедельник почта
    привет принцесса продавец продажи пятница работа ресторан рита роман россия ростов руслан сад
    самара саша светлана связь секрет секретарь семья сентябрь сергей серебро сестра сибирь сила
    синий склад слово смерть собака солнце солнышко спартак спасибо спб среда степан стол стул
    суббота счастье сын татьяна телефон тест тимур толя три трубка удача урал утро уфа учитель
    февраль федор фирма футбол хлеб хозяин хоккей цветок чай человек челябинск черный четверг школа
    юлия юра юрий январь
    """.split()  # noqa: SIM905
)

#: Rows, columns and diagonals of keyboards; walks go along them in both directions.
WALKS: tuple[str, ...] = (
    "`1234567890-=",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "ё1234567890",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю.",
    "abcdefghijklmnopqrstuvwxyz",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "zaq12wsxcde34rfvbgt56yhnmju78ik,lo9",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qw23er45ty67ui89op0",
    "1йфя2цыч3увс4кам5епи6нрт7гоь8шлб9щдю",
    "qscwdvefbrgnthmyj",
    "147258369",
    "789456123",
    "741852963",
    "951753",
    "159357",
    "13579",
    "24680",
    "1123581321",
    "14159265358979",
    "71828182845",
)
