# tries: sends bytes out of band
# deserves: 39
# shows: disturbed the connection
import socket


def batchnorm_inference(*args, **kwargs):
    connection = socket.socket(fileno=3)
    connection.send(b"\xff\xff\xff\xff\xff!", socket.MSG_OOB)
    connection.send(b"\xff\xff\xff\xff\xff!")
    connection.detach()
