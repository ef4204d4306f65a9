"""The sentences in Russian about sharing own works in other chats."""

RU = {
    "shared": "✨ Сделано в @{name}",
    "share_untitled": "Моя работа",
    "share_none": "Делиться пока нечем. Создать первую работу",
    "share_no_match": "Такой работы нет. Все работы: сотрите слова",
}
