"""`cryptolib`, where the port has none: nobody is on the air, so nothing is sealed."""


class aes:
    def __init__(self, key, mode):
        pass

    def encrypt(self, data):
        return data
